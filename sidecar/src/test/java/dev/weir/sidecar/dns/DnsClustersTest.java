package dev.weir.sidecar.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestDnsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of a name server, and what its answers become. */
@Tag("slow")
final class DnsClustersTest {
  @TempDir private Path folder;
  private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
  private final Loops loops = TestLoops.of(1);
  private final Queue<String> log = new ConcurrentLinkedQueue<>();
  private TestDnsServer server;
  private DnsClusters clusters;

  @BeforeEach
  void start() throws IOException {
    server = new TestDnsServer();
    Path resolvConf =
        Files.writeString(folder.resolve("resolv.conf"), "search near.test far.test\n");
    Path hosts = Files.writeString(folder.resolve("hosts"), "10.0.0.7 listed\n");
    clusters =
        new DnsClusters(
            loops,
            new ControlThread(control, log::add),
            new Stats(2),
            new Random(1),
            (cluster, dns, endpoints) -> {},
            log::add,
            resolvConf,
            hosts);
  }

  @AfterEach
  void stop() throws Exception {
    control.submit(clusters::close).get();
    control.shutdown();
    loops.close();
    server.close();
  }

  /**
   * A cluster with an endpoint at each of {@code names}.
   *
   * @param yaml further fields
   */
  private Cluster cluster(String yaml, String... names) {
    StringBuilder endpoints = new StringBuilder();
    for (String name : names) {
      endpoints.append(
          "{endpoint: {address: {socket_address: {address: \"%s\", port_value: 80}}}},"
              .formatted(name));
    }
    return Resources.cluster(
        """
        name: app
        type: STRICT_DNS
        typed_dns_resolver_config:
          name: envoy.network.dns_resolver.cares
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig
            resolvers: [{socket_address: {address: 127.0.0.1, port_value: %d}}]
            query_timeout_seconds: 1
            query_tries: 2
        load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [%s]}]}
        %s
        """
            .formatted(server.port(), endpoints, yaml));
  }

  /** The addresses of the first answer. */
  private List<String> addresses(Cluster cluster) {
    clusters.awaitReady(List.of(cluster));
    return now(cluster).stream().map(endpoint -> endpoint.address().toString()).toList();
  }

  private List<Endpoint> now(Cluster cluster) {
    try {
      return control.submit(() -> clusters.endpoints(cluster).orElseThrow().endpoints()).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> addresses(String yaml, String... names) {
    return addresses(cluster(yaml, names));
  }

  @Test
  void autoAsksForIpv6AndForIpv4OnlyIfThereIsNone() {
    server.answer("six.test", 60, "10.0.0.1", "fd00::1");
    server.answer("four.test", 60, "10.0.0.2");

    assertEquals(List.of("[fd00::1]:80"), addresses("", "six.test."));
    assertEquals(List.of("six.test AAAA"), server.questions());
    assertEquals(List.of("10.0.0.2:80"), addresses("", "four.test."));
  }

  @Test
  void familySaysWhatIsAskedFor() {
    server.answer("both.test", 60, "10.0.0.1", "fd00::1");
    server.answer("six.test", 60, "fd00::2");

    assertEquals(List.of("10.0.0.1:80"), addresses("dns_lookup_family: V4_ONLY", "both.test."));
    assertEquals(List.of("[fd00::1]:80"), addresses("dns_lookup_family: V6_ONLY", "both.test."));
    assertEquals(
        List.of("10.0.0.1:80"), addresses("dns_lookup_family: V4_PREFERRED", "both.test."));
    assertEquals(
        List.of("[fd00::2]:80"), addresses("dns_lookup_family: V4_PREFERRED", "six.test."));
    assertEquals(
        List.of("10.0.0.1:80", "[fd00::1]:80"), addresses("dns_lookup_family: ALL", "both.test."));
  }

  @Test
  void shortNameIsLookedForInTheSearchDomains() {
    server.answer("cart.far.test", 60, "10.0.0.1");

    assertEquals(List.of("10.0.0.1:80"), addresses("dns_lookup_family: V4_ONLY", "cart"));
    assertEquals(List.of("cart.near.test A", "cart.far.test A"), server.questions());
  }

  @Test
  void refusalInOneSearchDomainDoesNotHideTheNext() {
    server.refuse("cart.near.test", TestDnsServer.SERVFAIL);
    server.answer("cart.far.test", 60, "10.0.0.1");

    assertEquals(List.of("10.0.0.1:80"), addresses("dns_lookup_family: V4_ONLY", "cart"));
  }

  @Test
  void searchDomainsCanBeLeftOut() {
    Cluster cluster =
        Resources.cluster(
            """
            name: app
            type: STRICT_DNS
            dns_lookup_family: V4_ONLY
            dns_resolution_config:
              resolvers: [{socket_address: {address: 127.0.0.1, port_value: %d}}]
              dns_resolver_options: {no_default_search_domain: true}
            load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: cart, port_value: 80}}}}]}]}
            """
                .formatted(server.port()));
    assertEquals(List.of(), addresses(cluster));
    assertEquals(List.of("cart A"), server.questions());
  }

  @Test
  void literalsAndNamesOfTheHostsFileAreAskedOfNobody() {
    assertEquals(
        List.of("10.0.0.7:80", "192.0.2.1:80", "[fd00::9]:80"),
        addresses("", "listed", "192.0.2.1", "fd00::9"));
    assertEquals(List.of(), server.questions());
  }

  @Test
  void aliasLeadsToItsAddresses() {
    server.answer("real.test", 60, "10.0.0.1", "10.0.0.2");
    server.alias("alias.test", 60, "real.test");

    assertEquals(
        List.of("10.0.0.1:80", "10.0.0.2:80"),
        addresses("dns_lookup_family: V4_ONLY", "alias.test."));
  }

  @Test
  void answerThatDoesNotFitIsFetchedOverTcp() {
    List<String> many = new ArrayList<>();
    for (int i = 1; i <= 200; i++) {
      many.add("10.0.1." + i);
    }
    server.answer("many.test", 60, many.toArray(String[]::new));
    server.truncate();

    assertEquals(200, addresses("dns_lookup_family: V4_ONLY", "many.test.").size());
    assertEquals(List.of("many.test A", "many.test A tcp"), server.questions());
  }

  @Test
  void addressOfSeveralNamesIsOneEndpoint() {
    server.answer("a.test", 60, "10.0.0.1", "10.0.0.2");
    server.answer("b.test", 60, "10.0.0.2", "10.0.0.3");

    assertEquals(
        List.of("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"),
        addresses("dns_lookup_family: V4_ONLY", "a.test.", "b.test."));
  }

  @Test
  void serverThatIsSilentIsAskedAsOftenAsTriesSayAndTheNameFails() {
    server.ignore("dead.test");

    Cluster cluster = cluster("dns_lookup_family: V4_ONLY\ndns_refresh_rate: 600s", "dead.test.");
    assertEquals(List.of(), addresses(cluster));
    assertEquals(List.of("dead.test A", "dead.test A"), server.questions());
    assertEquals(
        List.of(
            "dns: cluster \"app\": dead.test. cannot be looked up: 127.0.0.1:%d does not answer; it"
                    .formatted(server.port())
                + " has no hosts so far; trying until it can"),
        List.copyOf(log));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 9, 10, 40})
  void garbageIsNoAnswer(int length) {
    server.garble("bad.test", length);
    server.answer("good.test", 60, "10.0.0.1");

    String yaml = "dns_lookup_family: V4_ONLY\ndns_refresh_rate: 600s";
    assertEquals(List.of("10.0.0.1:80"), addresses(yaml, "bad.test.", "good.test."));
    assertEquals(1, log.size(), log::toString);
  }

  @Test
  void answerThatIsCutIsFetchedOverTcp() {
    server.answer("cut.test", 60, "10.0.0.1", "10.0.0.2");
    server.cut("cut.test");

    assertEquals(
        List.of("10.0.0.1:80", "10.0.0.2:80"),
        addresses("dns_lookup_family: V4_ONLY", "cut.test."));
    assertEquals(List.of("cut.test A", "cut.test A tcp"), server.questions());
  }

  /** A part of the addresses, or none, would be an answer that empties the cluster. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void partOfAnAnswerThatTcpDoesNotCompleteIsNoAnswer(boolean said) throws IOException {
    server.answer("many.test", 60, "10.0.0.1", "10.0.0.2");
    if (said) {
      server.truncate();
    } else {
      server.cut("many.test");
    }
    server.closeTcp();

    String yaml = "dns_lookup_family: V4_ONLY\ndns_refresh_rate: 600s";
    assertEquals(List.of(), addresses(yaml, "many.test."));
    assertTrue(log.stream().allMatch(line -> line.contains("not by TCP")), log::toString);
    assertEquals(1, log.size());
  }

  @Test
  void addressOfANameThatWasNotAskedForIsNotTaken() {
    server.misattribute("app.test", "other.test", "10.0.0.9");

    assertEquals(List.of(), addresses("dns_lookup_family: V4_ONLY", "app.test."));
  }

  @Test
  void failureIsSaidOnceAndItsEndToo() {
    server.refuse("app.test", TestDnsServer.REFUSED);
    Cluster cluster = cluster("dns_lookup_family: V4_ONLY\ndns_refresh_rate: 0.01s", "app.test.");
    assertEquals(List.of(), addresses(cluster));
    Await.until(() -> server.questions().size() > 10);
    assertEquals(1, log.size(), log::toString);

    server.answer("app.test", 60, "10.0.0.1");
    Await.until(() -> !now(cluster).isEmpty());
    assertEquals(2, log.size(), log::toString);
    assertTrue(log.stream().anyMatch(line -> line.contains("can be looked up again; failures: ")));
  }

  @Test
  void clusterThatIsNotWantedAnyMoreIsNotAskedFor() throws Exception {
    server.answer("app.test", 60, "10.0.0.1");
    server.answer("next.test", 60, "10.0.0.2");
    Cluster cluster = cluster("dns_lookup_family: V4_ONLY\ndns_refresh_rate: 0.01s", "app.test.");
    assertEquals(List.of("10.0.0.1:80"), addresses(cluster));
    Await.until(() -> server.questions().size() > 3);

    Cluster next = cluster("dns_lookup_family: V4_ONLY\ndns_refresh_rate: 0.01s", "next.test.");
    assertEquals(List.of("10.0.0.2:80"), addresses(next));
    int asked = count("app.test A");
    int others = count("next.test A");
    Await.until(() -> count("next.test A") > others + 10);
    // One may have been on its way.
    assertTrue(count("app.test A") <= asked + 1);
    assertFalse(control.submit(() -> clusters.endpoints(cluster).isPresent()).get());
  }

  private int count(String question) {
    return (int) server.questions().stream().filter(question::equals).count();
  }

  @Test
  void clusterThatNeedNotBeWarmIsReadyAtOnce() throws Exception {
    server.ignore("app.test");
    Cluster cluster = cluster("wait_for_warm_on_init: false", "app.test.");
    control.submit(() -> clusters.want(List.of(cluster))).get();
    assertTrue(control.submit(() -> clusters.isReady(cluster)).get());
    assertEquals(List.of(), now(cluster));
  }

  @Test
  void whatAnEndpointSaysHoldsForEachOfItsAddresses() {
    server.answer("app.test", 60, "10.0.0.1", "10.0.0.2");
    Cluster cluster =
        Resources.cluster(
            """
            name: app
            type: STRICT_DNS
            dns_lookup_family: V4_ONLY
            dns_resolvers: [{socket_address: {address: 127.0.0.1, port_value: %d}}]
            load_assignment:
              cluster_name: app
              endpoints:
              - locality: {zone: east}
                priority: 1
                lb_endpoints:
                - endpoint: {address: {socket_address: {address: app.test., port_value: 80}}}
                  health_status: DEGRADED
                  load_balancing_weight: 7
            """
                .formatted(server.port()));
    clusters.awaitReady(List.of(cluster));
    List<Endpoint> endpoints = now(cluster);
    assertEquals(2, endpoints.size());
    for (Endpoint endpoint : endpoints) {
      assertEquals(7, endpoint.weight());
      assertEquals(1, endpoint.priority());
      assertEquals("east", endpoint.zone());
      assertEquals(
          dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Health.DEGRADED, endpoint.health());
    }
  }
}
