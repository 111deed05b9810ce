package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where state is kept if nobody says. */
class StatePlaceTest {
  private static final Path SHOP = Path.of("/etc/mesh/shop");

  private static String of(Path config, Map<String, String> environment) {
    return StatePlace.of(config, environment).map(Path::toString).orElse("nowhere");
  }

  @Test
  void belowTheStateHomeOrTheHomeOrNowhere() {
    Map<String, String> home = Map.of("HOME", "/home/me");
    assertTrue(of(SHOP, home).startsWith("/home/me/.local/state/weir/shop-"), of(SHOP, home));
    assertTrue(
        of(SHOP, Map.of("HOME", "/home/me", "XDG_STATE_HOME", "/var/s"))
            .startsWith("/var/s/weir/shop-"));
    assertEquals(of(SHOP, home), of(SHOP, Map.of("HOME", "/home/me", "XDG_STATE_HOME", "s")));
    assertEquals(Optional.empty(), StatePlace.of(SHOP, Map.of()));
  }

  @Test
  void eachFolderHasItsOwnHoweverItIsWritten() {
    Map<String, String> home = Map.of("HOME", "/h");
    assertEquals(of(SHOP, home), of(Path.of("/etc/mesh/../mesh/shop/"), home));
    assertNotEquals(of(SHOP, home), of(Path.of("/etc/other/shop"), home));
    assertTrue(of(Path.of("/"), home).startsWith("/h/.local/state/weir/"));
  }
}
