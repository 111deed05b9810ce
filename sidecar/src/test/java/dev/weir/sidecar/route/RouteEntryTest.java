package dev.weir.sidecar.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.testkit.Resources;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a route has of its own, what it inherits, and how it splits. */
class RouteEntryTest {
  private static RouteEntry entry(String virtualHost, String action) {
    RouteTable table =
        new RouteTable(
            Resources.routes(
                YamlReader.read(
                        "table",
                        """
                        name: table
                        virtual_hosts:
                        - name: shop
                          domains: ["*"]
                          %s
                          routes:
                          - name: all
                            match: {prefix: /}
                            %s
                        """
                            .formatted(virtualHost, action))
                    .documents()
                    .getFirst()),
            List.of("limit"),
            (index, config) -> config);
    return Objects.requireNonNull(table.match(Headers.request("GET", "app", "/")));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "1 3, {a=2500; b=7500}",
    "3 1, {a=7500; b=2500}",
    "0 1, {b=10000}",
    "1 0, {a=10000}",
    "1 1, {a=5000; b=5000}"
  })
  void splitFollowsTheWeights(String weights, String expected) {
    String[] weight = weights.split(" ", -1);
    RouteEntry entry =
        entry(
            "",
            "route: {weighted_clusters: {clusters: [{name: a, weight: %s}, {name: b, weight: %s}]}}"
                .formatted(weight[0], weight[1]));
    SplittableRandom random = new SplittableRandom(1);
    Map<String, Integer> chosen = new TreeMap<>();
    for (int i = 0; i < 10_000; i++) {
      chosen.merge(entry.choose(random).cluster(), 1, Integer::sum);
    }
    chosen.replaceAll((cluster, count) -> Math.round(count / 500f) * 500);
    assertEquals(expected, chosen.toString().replace(",", ";"));
  }

  @Test
  void retriesAndHedgingAreTheVirtualHostsWhereTheRouteHasNone() {
    String host =
        "{retry_on: 5xx, num_retries: 7}\n  hedge_policy: {hedge_on_per_try_timeout: true}\n  include_request_attempt_count: true";
    RouteEntry inherits = entry("retry_policy: " + host, "route: {cluster: a}");
    assertEquals(7, inherits.retry().orElseThrow().policy().retries());
    assertTrue(inherits.hedgeOnPerTryTimeout());
    assertTrue(inherits.includeAttemptCount());
    RouteEntry own =
        entry(
            "retry_policy: " + host,
            "route: {cluster: a, retry_policy: {retry_on: 5xx, num_retries: 2}, hedge_policy: {}}");
    assertEquals(2, own.retry().orElseThrow().policy().retries());
    assertFalse(own.hedgeOnPerTryTimeout());
    RouteEntry neither = entry("", "route: {cluster: a}");
    assertTrue(neither.retry().isEmpty());
    assertFalse(neither.hedgeOnPerTryTimeout());
    assertFalse(neither.includeAttemptCount());
    assertTrue(entry("retry_policy: " + host, "direct_response: {status: 200}").retry().isEmpty());
  }

  @Test
  void namesAreThoseOfRouteAndVirtualHost() {
    RouteEntry entry = entry("", "route: {cluster: a}");
    assertEquals("all", entry.name());
    assertEquals("shop", entry.virtualHostName());
    assertEquals("shop/all", entry.fullName());
    assertEquals("a", entry.choose(new SplittableRandom(1)).cluster());
    assertEquals(
        "", entry("", "direct_response: {status: 200}").choose(new SplittableRandom(1)).cluster());
  }

  /** A cluster's chain, which knows the filter by its own name. */
  private static UpstreamChain chain(String text) {
    return new UpstreamChain() {
      @Override
      public List<String> filterNames() {
        return List.of("other", "limit");
      }

      @Override
      public Object compileRoute(int index, FilterConfig config) {
        return text + index;
      }
    };
  }

  @Test
  void clustersFiltersHearWhatTheRouteSaysAndAgainWhenTheyHaveChanged() {
    RouteEntry entry =
        entry(
            "",
            """
            route: {cluster: a}
                typed_per_filter_config:
                  limit:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                    stat_prefix: x
                    token_bucket: {max_tokens: 1, fill_interval: 1s}
            """);
    RouteEntry.Choice choice = entry.choose(new SplittableRandom(1));
    assertTrue(choice.filterConfig(0) instanceof FilterConfig);
    assertFalse(choice.filterDisabled(0));
    UpstreamChain first = chain("first");
    assertEquals("first1", choice.upstreamConfig(first, 1));
    assertEquals(null, choice.upstreamConfig(first, 0));
    assertFalse(choice.upstreamDisabled(first, 1));
    assertEquals("second1", choice.upstreamConfig(chain("second"), 1));
  }

  @Test
  void filterThatIsOffOnARouteIsOffInTheClustersChainToo() {
    RouteEntry entry =
        entry(
            "",
            """
            route: {cluster: a}
                typed_per_filter_config:
                  limit:
                    "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig
                    disabled: true
            """);
    RouteEntry.Choice choice = entry.choose(new SplittableRandom(1));
    assertTrue(choice.filterDisabled(0));
    assertTrue(choice.upstreamDisabled(chain("any"), 1));
    assertFalse(choice.upstreamDisabled(chain("any"), 0));
  }
}
