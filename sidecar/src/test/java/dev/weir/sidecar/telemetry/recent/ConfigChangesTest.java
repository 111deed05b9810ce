package dev.weir.sidecar.telemetry.recent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.config.route.HeaderMutation;
import dev.weir.sidecar.config.route.RouteConfiguration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigChangesTest {
  private final ConfigChanges changes = new ConfigChanges();

  private static RouteConfiguration routes(boolean ignorePort) {
    return new RouteConfiguration(
        "r", List.of(), HeaderMutation.NONE, HeaderMutation.NONE, Map.of(), false, ignorePort);
  }

  private void apply(Map<String, RouteConfiguration> routes) {
    changes.applied(List.of(), routes, List.of());
  }

  @Test
  void eachChangeNamesWhatItChanged() {
    apply(Map.of("a", routes(false), "b", routes(false)));
    apply(Map.of("a", routes(true), "c", routes(false)));
    assertEquals(
        List.of("routes a changed", "routes b removed", "routes c added"),
        changes.last().resources());
    assertEquals(2, changes.last().number());
    assertEquals(List.of(changes.last()), changes.since(1));
  }

  @Test
  void whatIsEqualIsNoChange() {
    apply(Map.of("a", routes(false)));
    apply(Map.of("a", routes(false)));
    assertEquals(1, changes.last().number());
  }

  @Test
  void ofManyChangesTheLastAreKeptAndOfManyResourcesTheFirstAreNamed() {
    for (int i = 0; i < 100; i++) {
      apply(Map.of("a", routes(i % 2 == 0)));
    }
    assertEquals(32, changes.since(0).size());
    Map<String, RouteConfiguration> many = new java.util.HashMap<>();
    for (int i = 0; i < 20; i++) {
      many.put("r" + i, routes(false));
    }
    apply(many);
    assertEquals(8, changes.last().resources().size());
    assertEquals(21, changes.last().count());
  }
}
