package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.token.Holder;
import dev.weir.control.token.TokenKeys;
import dev.weir.control.token.Tokens;
import dev.weir.control.token.WrongToken;
import dev.weir.sidecar.member.names.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnTokenTest {
  private static final Service CART = new Service("shop", "cart", "240.240.1.2", List.of());

  @TempDir Path mesh;

  private OwnToken own() {
    return new OwnToken(mesh, mesh.resolve("token"));
  }

  @Test
  void theControlPlaneTakesTheTokenAsThatOfItsService() throws IOException, WrongToken {
    TokenKeys keys = new TokenKeys(mesh.resolve("ca/tokens"), line -> {});
    keys.trust(mesh.resolve("token-key.pem"));

    own().keep(CART, line -> {});

    Path token = own().token();
    Holder holder =
        new Tokens(keys, "cluster.local", Clock.systemUTC()).holder(Files.readString(token));
    assertEquals(own().proof().spiffeId(CART), holder.identity().toString());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(token)));
  }

  @Test
  void aKeyThatIsNoneIsSaidWithItsFile() throws IOException {
    Path key = Files.writeString(mesh.resolve("token-key.pem"), "no key");

    IOException failed = assertThrows(IOException.class, () -> own().keep(CART, line -> {}));

    assertTrue(
        String.valueOf(failed.getMessage()).startsWith(key + " has no P-256 key"),
        failed::toString);
  }
}
