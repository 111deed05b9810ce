package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Health;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets how much, by priority, health and weight. */
class HostSetTest {
  private static final int PANIC = 50;
  private static final int OVERPROVISIONING = 140;
  private int port = 1;

  private Host host(int priority, Health health, int weight) {
    return new Host(
        new Endpoint(new SocketAddress.Ip("127.0.0.1", port++), weight, health, priority, ""));
  }

  /** A letter a host: h healthy, u unhealthy, d draining, g degraded; a word a priority. */
  private List<Host> hosts(String... priorities) {
    List<Host> hosts = new ArrayList<>();
    for (int priority = 0; priority < priorities.length; priority++) {
      for (char letter : priorities[priority].toCharArray()) {
        Health health =
            switch (letter) {
              case 'h' -> Health.HEALTHY;
              case 'u' -> Health.UNHEALTHY;
              case 'd' -> Health.DRAINING;
              case 'g' -> Health.DEGRADED;
              default -> throw new IllegalArgumentException(priorities[0]);
            };
        hosts.add(host(priority, health, 1));
      }
    }
    return hosts;
  }

  private static HostSet set(List<Host> hosts) {
    return HostSet.of(hosts, PANIC, OVERPROVISIONING);
  }

  /** Who calls an instance itself means that one. */
  @Test
  void hostIsFoundByItsAddressWhetherOrNotItIsFit() {
    List<Host> hosts = hosts("hu");
    HostSet set = set(hosts);
    assertEquals(
        hosts.get(1), set.at(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2)));
    assertEquals(
        hosts.get(0), set.at(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1)));
    assertNull(set.at(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 3)));
    assertNull(HostSet.EMPTY.at(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1)));
  }

  /** Percent of the requests that hosts of this priority and health get. */
  private static Map<String, Integer> loads(List<Host> hosts) {
    Map<String, Integer> loads = new HashMap<>();
    for (PriorityLoads.Part part : PriorityLoads.of(hosts, PANIC, OVERPROVISIONING).parts()) {
      for (Host host : part.hosts()) {
        loads.merge(
            host.endpoint().priority() + " " + host.endpoint().health(),
            part.percent() * 1000 / part.hosts().size(),
            Integer::sum);
      }
    }
    loads.replaceAll((who, thousandths) -> Math.round(thousandths / 1000f));
    loads.values().removeIf(percent -> percent == 0);
    return loads;
  }

  @ParameterizedTest(name = "{0} and {1}: {2}, panic {3}")
  @CsvSource({
    "hhhh, hhhh, {0 HEALTHY=100}, false",
    "hhhu, hhhh, {0 HEALTHY=100}, false", // 75 % x 1.4
    "hhuu, hhhh, '{0 HEALTHY=70, 1 HEALTHY=30}', false",
    "huuu, hhhh, '{0 HEALTHY=35, 1 HEALTHY=65}', false", // no panic: together they can take it all
    "uuuu, hhhh, {1 HEALTHY=100}, false",
    "uuuu, hhuu, {1 HEALTHY=100}, true", // together 70 %: priority 0 would panic, and has no load
    "uuuu, huuu, '{0 UNHEALTHY=50, 1 HEALTHY=13, 1 UNHEALTHY=38}', true", // all are in panic
    "uuuu, uuuu, '{0 UNHEALTHY=50, 1 UNHEALTHY=50}', true",
    "gggg, hhhh, {1 HEALTHY=100}, false", // degraded come after the healthy of all priorities
    "ghhh, uuuu, {0 HEALTHY=100}, false",
    "gghh, uuuu, '{0 DEGRADED=30, 0 HEALTHY=70}', false",
    "ddhh, hhhh, '{0 HEALTHY=70, 1 HEALTHY=30}', false",
    "dddd, dddd, {}, true",
    // what rounding leaves over is the first's that has something
    "gghuuu, uuuu, '{0 DEGRADED=66, 0 HEALTHY=34}', false",
    "gguu, guuuuuuuuu, '{0 DEGRADED=84, 1 DEGRADED=2, 1 UNHEALTHY=14}', true",
    // one of two is in panic, and uses all it has
    "guuuuuuuuu, hhuu, '{0 DEGRADED=2, 0 UNHEALTHY=14, 1 HEALTHY=84}', true",
    "uuuu, uuu, '{0 UNHEALTHY=58, 1 UNHEALTHY=42}', true"
  })
  void loadFollowsEnvoysRule(String first, String second, String expected, boolean panic) {
    List<Host> hosts = hosts(first, second);
    assertEquals(expected, new java.util.TreeMap<>(loads(hosts)).toString());
    if (!expected.equals("{}") && !first.equals("uuuu")) {
      assertEquals(panic, set(hosts).panic());
    }
  }

  @Test
  void nobodyUnfitIsChosenWhileTheFitCanTakeEverything() {
    HostSet set = set(hosts("huuu", "hhhh"));
    assertFalse(set.panic());
    for (int share = 0; share < set.shares(); share++) {
      assertTrue(set.schedule(share).stream().allMatch(PriorityLoads::fit));
    }
  }

  @Property
  void partsAddUpToEverythingAndUnfitHostsWaitForPanic(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 11) Integer> picks) {
    List<Host> hosts = new ArrayList<>();
    for (int pick : picks) {
      hosts.add(host(pick % 3, List.of(Health.values()).get(pick / 3), 1));
    }
    PriorityLoads loads = PriorityLoads.of(hosts, PANIC, OVERPROVISIONING);
    assertEquals(100, loads.parts().stream().mapToInt(PriorityLoads.Part::percent).sum());
    for (PriorityLoads.Part part : loads.parts()) {
      if (part.percent() > 0 && !loads.panic()) {
        assertTrue(part.hosts().stream().allMatch(PriorityLoads::fit), hosts::toString);
      }
      assertTrue(
          part.hosts().stream().noneMatch(host -> host.endpoint().health() == Health.DRAINING));
    }
  }

  @Test
  void weightsShareAPriorityAsTheySay() {
    List<Host> hosts =
        List.of(host(0, Health.HEALTHY, 1), host(0, Health.HEALTHY, 3), host(0, Health.HEALTHY, 6));
    Map<Host, Integer> counts = choose(hosts, Cluster.Policy.ROUND_ROBIN, 1000);
    assertEquals(100, of(counts, hosts.get(0)));
    assertEquals(300, of(counts, hosts.get(1)));
    assertEquals(600, of(counts, hosts.get(2)));
  }

  @Test
  void roundRobinSpillsAsPrioritiesSayAndGoesRoundInEach() {
    List<Host> hosts = hosts("hhuu", "hhhh");
    Map<Host, Integer> counts = choose(hosts, Cluster.Policy.ROUND_ROBIN, 10_000);
    for (int i = 0; i < 2; i++) {
      assertEquals(3500, of(counts, hosts.get(i)), 200);
    }
    for (int i = 4; i < 8; i++) {
      assertEquals(750, of(counts, hosts.get(i)), 100);
    }
    assertEquals(6, counts.size());
  }

  @Test
  void leastRequestTakesTheLessBusyOfTwo() {
    List<Host> hosts = hosts("hh");
    hosts.get(0).active().incrementAndGet();
    Map<Host, Integer> counts = choose(hosts, Cluster.Policy.LEAST_REQUEST, 10_000);
    // The busy one is chosen only when it is drawn twice.
    assertEquals(2500, of(counts, hosts.get(0)), 200);
    assertEquals(7500, of(counts, hosts.get(1)), 200);
  }

  @Test
  void randomReachesAll() {
    List<Host> hosts = hosts("hhhh");
    Map<Host, Integer> counts = choose(hosts, Cluster.Policy.RANDOM, 10_000);
    hosts.forEach(host -> assertEquals(2500, of(counts, host), 200));
  }

  @Test
  void ofNobodyNobodyIsChosen() {
    for (Cluster.Policy policy : Cluster.Policy.values()) {
      LoadBalancer balancer =
          LoadBalancers.of(new Cluster.LoadBalancing(policy, 2, PANIC), new SplittableRandom(1));
      assertNull(balancer.choose(HostSet.EMPTY));
      assertNull(balancer.choose(set(hosts("dd"))));
    }
  }

  private static int of(Map<Host, Integer> counts, Host host) {
    return counts.getOrDefault(host, 0);
  }

  private static Map<Host, Integer> choose(List<Host> hosts, Cluster.Policy policy, int times) {
    LoadBalancer balancer =
        LoadBalancers.of(new Cluster.LoadBalancing(policy, 2, PANIC), new SplittableRandom(1));
    HostSet set = set(hosts);
    Map<Host, Integer> counts = new HashMap<>();
    for (int i = 0; i < times; i++) {
      counts.merge(java.util.Objects.requireNonNull(balancer.choose(set)), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void eachOfThreePrioritiesHasItsShare() {
    List<Host> hosts = hosts("huuu", "huuu", "hhhh");
    Map<Host, Integer> counts = choose(hosts, Cluster.Policy.ROUND_ROBIN, 10_000);
    assertEquals(3500, of(counts, hosts.get(0)), 200);
    assertEquals(3500, of(counts, hosts.get(4)), 200);
    for (int i = 8; i < 12; i++) {
      assertEquals(750, of(counts, hosts.get(i)), 100);
    }
    assertEquals(6, counts.size());
  }

  @Test
  void largeWeightsAreScaledAndTheLightestIsNotForgotten() {
    List<Host> hosts =
        List.of(
            host(0, Health.HEALTHY, 1),
            host(0, Health.HEALTHY, 1_000_000),
            host(0, Health.HEALTHY, 3_000_000));
    List<Host> schedule = set(hosts).schedule(0);
    assertEquals(1025, schedule.size());
    assertEquals(1, schedule.stream().filter(hosts.get(0)::equals).count());
    assertEquals(256, schedule.stream().filter(hosts.get(1)::equals).count());
  }

  @Test
  void weightsAreSpreadOut() {
    List<Host> hosts = List.of(host(0, Health.HEALTHY, 4), host(0, Health.HEALTHY, 2));
    Host heavy = hosts.get(0);
    Host light = hosts.get(1);
    assertEquals(List.of(heavy, light, heavy, heavy, light, heavy), set(hosts).schedule(0));
  }
}
