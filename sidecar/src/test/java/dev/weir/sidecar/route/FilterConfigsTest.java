package dev.weir.sidecar.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.RouteFilterConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What route, virtual host and table say for the filters of a chain. */
class FilterConfigsTest {
  private record Said(String text) implements FilterConfig {}

  private static RouteFilterConfig says(String text) {
    return new RouteFilterConfig(Optional.of(new Said(text)), false);
  }

  private static final RouteFilterConfig OFF = new RouteFilterConfig(Optional.empty(), true);

  private static FilterConfigs configs(List<Map<String, RouteFilterConfig>> levels) {
    return new FilterConfigs(
        levels, List.of("a", "b", "c"), (index, config) -> index + ((Said) config).text());
  }

  @Test
  void mostSpecificIsTakenWhole() {
    FilterConfigs configs =
        configs(
            List.of(
                Map.of(),
                Map.of("a", says("route")),
                Map.of("a", OFF, "b", says("host")),
                Map.of("b", OFF)));
    assertEquals("0route", configs.config(0));
    assertFalse(configs.disabled(0));
    assertEquals("1host", configs.config(1));
    assertNull(configs.config(2));
    assertFalse(configs.disabled(2));
  }

  private record Joined(String text) implements FilterConfig {
    @Override
    public FilterConfig over(FilterConfig wider) {
      return new Joined(text + "," + ((Joined) wider).text);
    }
  }

  @Test
  void filterMayPutTogetherWhatIsSaidForIt() {
    FilterConfigs configs =
        new FilterConfigs(
            Stream.of("route", "host", "table")
                .map(text ->
                    Map.of("a", new RouteFilterConfig(Optional.of(new Joined(text)), false)))
                .toList(),
            List.of("a"),
            (index, config) -> ((Joined) config).text());
    assertEquals("route,host,table", configs.config(0));
  }

  @Test
  void filterThatIsOffHasNoConfiguration() {
    FilterConfigs configs = configs(List.of(Map.of("b", OFF), Map.of("b", says("host"))));
    assertTrue(configs.disabled(1));
    assertNull(configs.config(1));
  }

  @Test
  void sameIsSaidForTheFiltersOfAnotherChain() {
    FilterConfigs upstream =
        configs(List.of(Map.of("x", says("route"))))
            .forChain(List.of("w", "x"), (index, config) -> "up" + index);
    assertNull(upstream.config(0));
    assertEquals("up1", upstream.config(1));
  }
}
