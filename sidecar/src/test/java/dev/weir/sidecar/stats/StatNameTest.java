package dev.weir.sidecar.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.stats.StatName.Label;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names as Envoy spells them, so that dashboards made for it work. */
class StatNameTest {
  @Test
  void classOfAStatusIsALabel() {
    StatName name = StatName.of("cluster", "envoy_cluster_name", "app", "upstream_rq_5xx");
    assertEquals("cluster.app.upstream_rq_5xx", name.text());
    assertEquals("envoy_cluster_upstream_rq_xx", name.prometheus());
    assertEquals(
        List.of(
            new Label("envoy_response_code_class", "5"), new Label("envoy_cluster_name", "app")),
        name.prometheusLabels());
  }

  @Test
  void prefixOfALocalRateLimitComesFirst() {
    StatName name =
        StatName.of(
            "http_local_rate_limit", "envoy_local_http_ratelimit_prefix", "lrl", "rate_limited");
    assertEquals("lrl.http_local_rate_limit.rate_limited", name.text());
    assertEquals("envoy_http_local_rate_limit_rate_limited", name.prometheus());
    assertEquals(
        List.of(new Label("envoy_local_http_ratelimit_prefix", "lrl")), name.prometheusLabels());
  }

  @Test
  void nameWithoutATagIsWhole() {
    StatName name = StatName.of("server", "", "", "uptime");
    assertEquals("server.uptime", name.text());
    assertEquals("envoy_server_uptime", name.prometheus());
    assertEquals(List.of(), name.prometheusLabels());
  }
}
