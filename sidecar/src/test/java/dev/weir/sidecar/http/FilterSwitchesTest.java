package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether an HTTP filter is in force, by the connection manager's word and by the route's. */
class FilterSwitchesTest {
  private static final String BUFFER =
      "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.";
  private static final String FILTER =
      "- {name: small, typed_config: {\"@type\": " + BUFFER + "Buffer, max_request_bytes: 4}%s}";
  private static final String UNKNOWN =
      "\"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua";

  private TestUpstream app;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("hello");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  /** The status of a body of five bytes, which the filter {@code small} refuses. */
  private int status(String filters, String routeConfiguration) throws IOException {
    String yaml =
        TestConfig.to(app)
            .yaml()
            .replaceFirst("( +)- name: envoy.filters.http.router", "$1" + filters + "\n$0")
            .replaceFirst("( +)virtual_hosts:", "$1" + routeConfiguration + "\n$0");
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1);
        RawClient client = new RawClient(sidecar.port())) {
      return client
          .send("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 5\r\n\r\n12345")
          .read(false)
          .status();
    }
  }

  private static String perFilter(String config) {
    return "typed_per_filter_config: {small: {" + config + "}}";
  }

  private static String wrapped(String fields) {
    return perFilter(
        "\"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, " + fields);
  }

  @Test
  void aFilterThatIsDisabledLetsPass() throws IOException {
    assertEquals(413, status(FILTER.formatted(""), ""));
    assertEquals(200, status(FILTER.formatted(", disabled: true"), ""));
  }

  @Test
  void aRouteConfigurationSwitchesAFilterOff() throws IOException {
    String off = perFilter("\"@type\": " + BUFFER + "BufferPerRoute, disabled: true");
    assertEquals(200, status(FILTER.formatted(""), off));
  }

  @Test
  void aRouteConfigurationsOwnConfigIsInForceAlsoWhenItIsWrapped() throws IOException {
    String larger = "\"@type\": " + BUFFER + "BufferPerRoute, buffer: {max_request_bytes: 5}";
    assertEquals(200, status(FILTER.formatted(""), perFilter(larger)));
    assertEquals(200, status(FILTER.formatted(""), wrapped("config: {" + larger + "}")));
  }

  @Test
  void anUnknownFilterIsRefusedUnlessItIsOptional() throws IOException {
    String unknown = "- {name: lua, typed_config: {" + UNKNOWN + "}%s}";
    AssertionError refused =
        assertThrows(AssertionError.class, () -> status(unknown.formatted(""), ""));
    assertTrue(refused.toString().contains("Lua"), refused.toString());
    assertEquals(200, status(unknown.formatted(", is_optional: true"), ""));
  }

  @Test
  void anUnknownFiltersOwnConfigIsRefusedUnlessItIsOptional() throws IOException {
    String config = "config: {" + UNKNOWN + "}";
    assertThrows(AssertionError.class, () -> status(FILTER.formatted(""), wrapped(config)));
    assertEquals(413, status(FILTER.formatted(""), wrapped(config + ", is_optional: true")));
  }
}
