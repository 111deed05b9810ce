package dev.weir.sidecar.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Backoff;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Refresh;
import dev.weir.sidecar.testkit.Resources;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RefreshTimesTest {
  private static final Duration RATE = Duration.ofSeconds(5);
  private static final Duration TTL = Duration.ofSeconds(30);

  private static RefreshTimes times(
      Optional<Backoff> onFailure, boolean respectTtl, Duration jitter) {
    return new RefreshTimes(new Refresh(RATE, onFailure, respectTtl, jitter), new Random(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "type: STRICT_DNS, dns_refresh_rate: 5s, dns_jitter: 2s, dns_failure_refresh_rate: {base_interval: 0.1s, max_interval: 0.4s}",
        "cluster_type: {name: dns, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster, dns_refresh_rate: 5s, dns_jitter: 2s, dns_failure_refresh_rate: {base_interval: 0.1s, max_interval: 0.4s}}}"
      })
  void clustersSayThemInTwoWays(String fields) {
    Cluster cluster =
        Resources.cluster(
            "{name: c, %s, load_assignment: {cluster_name: c, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: shop, port_value: 80}}}}]}]}}"
                .formatted(fields));
    RefreshTimes times =
        new RefreshTimes(((DnsDiscovery) cluster.discovery()).refresh(), new Random(1));
    Duration longest = Duration.ZERO;
    for (int i = 0; i < 100; i++) {
      Duration next = times.afterAnswer(TTL);
      longest = next.compareTo(longest) > 0 ? next : longest;
    }
    assertTrue(longest.toMillis() > 6500 && longest.toMillis() < 7000, longest.toString());
    assertTrue(times.afterFailure().toMillis() < 100);
    longest = Duration.ZERO;
    for (int i = 0; i < 100; i++) {
      Duration next = times.afterFailure();
      longest = next.compareTo(longest) > 0 ? next : longest;
    }
    assertTrue(longest.toMillis() > 350 && longest.toMillis() <= 400, longest.toString());
  }

  @Test
  void rateHoldsAfterAnswersAndFailures() {
    RefreshTimes times = times(Optional.empty(), false, Duration.ZERO);
    assertEquals(RATE, times.afterAnswer(TTL));
    assertEquals(RATE, times.afterFailure());
    assertEquals(RATE, times.afterFailure());
  }

  @Test
  void timeToLiveTakesTheRatesPlaceUnlessItIsZero() {
    RefreshTimes times = times(Optional.empty(), true, Duration.ZERO);
    assertEquals(TTL, times.afterAnswer(TTL));
    assertEquals(RATE, times.afterAnswer(Duration.ZERO));
  }

  @Test
  void jitterIsAddedUpToItsBound() {
    RefreshTimes times = times(Optional.empty(), false, Duration.ofMillis(100));
    long most = 0;
    for (int i = 0; i < 1000; i++) {
      long added = times.afterAnswer(TTL).minus(RATE).toMillis();
      assertTrue(added >= 0 && added < 100, () -> added + " ms");
      most = Math.max(most, added);
    }
    assertTrue(most > 90, "it is spread");
  }

  @Test
  void failuresBackOffToTheMaximumAndAnAnswerBeginsAnew() {
    Backoff config = new Backoff(Duration.ofMillis(100), Duration.ofMillis(800));
    RefreshTimes times = times(Optional.of(config), false, Duration.ZERO);
    for (int round = 0; round < 2; round++) {
      long[] bounds = {100, 200, 400, 800, 800};
      for (long bound : bounds) {
        assertTrue(times.afterFailure().toMillis() <= bound);
      }
      assertEquals(RATE, times.afterAnswer(TTL));
    }
  }
}
