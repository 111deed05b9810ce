package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Headers added and taken out at the levels of a route configuration. */
class HeaderMutationsTest {
  private static final List<String> LEVELS = List.of("configuration", "host", "route", "cluster");

  /** Each level takes out one header, adds one, and overwrites one that all of them write. */
  private static String mutations(String level) {
    String add =
        "[{header: {key: x-add-%1$s, value: yes}}, "
            + "{header: {key: x-last, value: %1$s}, append_action: OVERWRITE_IF_EXISTS_OR_ADD}]";
    return ("request_headers_to_add: "
            + add
            + ", request_headers_to_remove: [x-del-%1$s], "
            + "response_headers_to_add: "
            + add
            + ", response_headers_to_remove: [x-del-%1$s]")
        .formatted(level);
  }

  private static String yaml(TestUpstream app, String more) {
    String plain = TestConfig.to(app).yaml();
    int from = plain.indexOf("          route_config:");
    int to = plain.indexOf("          http_filters:");
    String routes =
        """
              route_config: {%s, %s, virtual_hosts: [{name: app, domains: ["*"], %s, routes: [{match: {prefix: /}, %s, route: {weighted_clusters: {clusters: [{name: app, weight: 1, %s}]}}}]}]}
        """
            .formatted(
                more,
                mutations("configuration"),
                mutations("host"),
                mutations("route"),
                mutations("cluster"));
    return plain.substring(0, from) + routes.indent(4) + plain.substring(to);
  }

  private record Exchange(String request, String response) {}

  private static Exchange exchange(String more) throws Exception {
    StringBuilder fields = new StringBuilder("X-Del-None: stays\r\n");
    LEVELS.forEach(level -> fields.append("X-Del-").append(level).append(": gone\r\n"));
    try (TestUpstream app =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(out, "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 0\r\n\r\n");
              return true;
            });
        TestSidecar sidecar = TestSidecar.start(yaml(app, more), 1);
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response =
          client.send("GET / HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n").read(false);
      return new Exchange(
          app.next().head().toLowerCase(Locale.ROOT),
          response.head().toLowerCase(Locale.ROOT) + "\r\n");
    }
  }

  @Test
  void eachLevelAddsAndTakesOutInBothDirections() throws Exception {
    Exchange exchange = exchange("name: all");
    for (String head : List.of(exchange.request, exchange.response)) {
      assertTrue(head.contains("x-del-none: stays"), head);
      for (String level : LEVELS) {
        assertTrue(head.contains("x-add-" + level + ": yes"), head);
        assertFalse(head.contains("x-del-" + level), head);
      }
    }
  }

  /** The cluster's come first in any case, as in Envoy. */
  @Test
  void theOutermostLevelHasTheLastWordUnlessTheRouteIsToHaveIt() throws Exception {
    Exchange usual = exchange("name: all");
    assertEquals("configuration", last(usual.request));
    assertEquals("configuration", last(usual.response));
    Exchange reversed = exchange("most_specific_header_mutations_wins: true");
    assertEquals("route", last(reversed.request));
    assertEquals("route", last(reversed.response));
  }

  private static String last(String head) {
    return head.lines()
        .filter(line -> line.startsWith("x-last: "))
        .map(line -> line.substring("x-last: ".length()))
        .findFirst()
        .orElse("");
  }
}
