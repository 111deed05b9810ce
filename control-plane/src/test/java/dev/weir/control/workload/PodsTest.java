package dev.weir.control.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Pod;
import dev.weir.control.model.PodSlice;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PodsTest {
  private final List<String> told = new ArrayList<>();
  private final Pods pods =
      new Pods(
          new Pods.Changes() {
            @Override
            public void endpoints(ObjectName service) {
              told.add("endpoints " + service.name());
            }

            @Override
            public void accounts() {
              told.add("accounts");
            }

            @Override
            public void places() {
              told.add("places");
            }
          },
          false);

  private static ObjectName name(String name) {
    return new ObjectName("shop", name);
  }

  private static Service service(String name, Map<String, String> selector) {
    return new Service(
        name(name),
        Optional.empty(),
        List.of(new Port("http", 80, 8080, Port.Protocol.HTTP)),
        selector,
        List.of(),
        Optional.empty(),
        false,
        false);
  }

  private static Pod pod(String name, String address, String account, boolean meshed) {
    return new Pod(
        name(name),
        Optional.of(address),
        account,
        Map.of("app", "cart", "pod", name),
        meshed,
        "node-1",
        true);
  }

  private static PodSlice slice(String name, String service, String... ready) {
    return slice(name, service, Set.of(ready), Set.of());
  }

  private static PodSlice slice(
      String name, String service, Set<String> ready, Set<String> unready) {
    return new PodSlice(
        name(name),
        name(service),
        Map.of("http", List.of(8080)),
        ready,
        unready,
        Map.of("10.0.0.9", "zone-b"));
  }

  private Set<Endpoint> ready(String service) {
    return pods.endpoints(service(service, Map.of()))
        .getOrDefault(new ServicePort(name(service), 80), new TreeSet<>());
  }

  private List<String> told() {
    List<String> now = List.copyOf(told);
    told.clear();
    return now;
  }

  @Test
  void readyAddressesOfAllSlicesAreEndpoints() {
    pods.put(slice("a", "cart", "10.0.0.1"));
    pods.put(slice("b", "cart", "10.0.0.2"));
    assertEquals(
        Set.of(new Endpoint("10.0.0.1", 8080), new Endpoint("10.0.0.2", 8080)), ready("cart"));
    pods.removeSlice(name("a"));
    assertEquals(Set.of(new Endpoint("10.0.0.2", 8080)), ready("cart"));
    assertEquals(List.of("endpoints cart", "endpoints cart", "endpoints cart"), told());
  }

  @Test
  void sidecarThatComesLaterMakesItsEndpointSpeakMutualTls() {
    pods.put(slice("a", "cart", "10.0.0.1"));
    told.clear();
    pods.put(pod("cart-0", "10.0.0.1", "cart", true));
    assertEquals(Set.of(new Endpoint("10.0.0.1", 8080, true)), ready("cart"));
    assertEquals(List.of("endpoints cart"), told());
    pods.remove(name("cart-0"));
    assertEquals(Set.of(new Endpoint("10.0.0.1", 8080)), ready("cart"));
  }

  /** As all of them are for a moment, when the API server did not answer for a minute. */
  @Test
  void wholeServiceWhoseNodesWereSilentIsCalledOn() {
    pods.put(pod("cart-0", "10.0.0.1", "cart", true));
    pods.put(pod("cart-1", "10.0.0.2", "cart", true));
    pods.put(slice("a", "cart", Set.of("10.0.0.1"), Set.of("10.0.0.2")));
    assertEquals(Set.of(new Endpoint("10.0.0.1", 8080, true)), ready("cart"));
    pods.put(slice("a", "cart", Set.of(), Set.of("10.0.0.1", "10.0.0.2")));
    assertEquals(
        Set.of(new Endpoint("10.0.0.1", 8080, true), new Endpoint("10.0.0.2", 8080, true)),
        ready("cart"));
    told.clear();
    Pod stopped =
        new Pod(name("cart-1"), Optional.of("10.0.0.2"), "cart", Map.of(), true, "", false);
    pods.put(stopped);
    assertTrue(told().contains("endpoints cart"));
    assertEquals(Set.of(new Endpoint("10.0.0.1", 8080, true)), ready("cart"));
  }

  @Test
  void instancesWithoutASidecarAreKnownByTheirPods() {
    pods.put(slice("a", "cart", "10.0.0.1"));
    pods.put(slice("b", "cart", "10.0.0.2"));
    pods.put(slice("c", "cart", "10.0.0.3"));
    pods.put(pod("cart-0", "10.0.0.1", "cart", true));
    pods.put(pod("cart-1", "10.0.0.2", "cart", false));
    assertEquals(
        Map.of(name("cart"), new Pods.Bare(2, 3, List.of("cart-1", "10.0.0.3"))), pods.bare());
    assertEquals(Set.of("shop"), pods.namespaces());
    pods.put(pod("cart-1", "10.0.0.2", "cart", true));
    pods.removeSlice(name("c"));
    assertEquals(Map.of(), pods.bare());
  }

  /** Who asks every second costs what has changed since, and keeps what it was given. */
  @Test
  void instancesWithoutASidecarAreThoseOfBeforeUntilSomethingHappens() {
    pods.put(slice("a", "cart", "10.0.0.1"));
    pods.put(slice("b", "pay", "10.0.0.2"));
    pods.put(pod("cart-0", "10.0.0.1", "cart", false));
    SortedMap<ObjectName, Pods.Bare> before = pods.bare();
    assertSame(before, pods.bare());
    pods.put(pod("cart-0", "10.0.0.1", "cart", false));
    assertSame(before, pods.bare(), "nothing is otherwise");
    pods.put(pod("cart-0", "10.0.0.1", "cart", true));
    SortedMap<ObjectName, Pods.Bare> after = pods.bare();
    assertEquals(Set.of(name("cart"), name("pay")), before.keySet());
    assertEquals(Set.of(name("pay")), after.keySet());
    assertSame(before.get(name("pay")), after.get(name("pay")), "nothing happened to it");
    pods.removeSlice(name("b"));
    assertEquals(Set.of(), pods.bare().keySet());
  }

  @Test
  void namespaceInWhichSomePodsRunWithoutASidecarIsInTheMeshInPart() {
    pods.put(pod("batch", "10.0.0.2", "batch", false));
    assertEquals(Set.of(), pods.partly(), "it is in no mesh");
    assertEquals(Set.of("shop"), pods.apart());
    pods.put(pod("cart-0", "10.0.0.1", "cart", true));
    assertEquals(Set.of("shop"), pods.partly());
    assertEquals(Set.of(), pods.apart());
    pods.put(new Pod(name("batch"), Optional.of("10.0.0.2"), "batch", Map.of(), false, "", false));
    assertEquals(Set.of(), pods.partly(), "what does not run calls nobody");
    pods.remove(name("cart-0"));
    assertEquals(Set.of(), pods.apart(), "what does not run calls nobody");
  }

  @Test
  void addressThatAnotherPodHasNowIsThatOnes() {
    pods.put(pod("old", "10.0.0.1", "cart", true));
    pods.put(pod("new", "10.0.0.1", "cart", true));
    pods.put(slice("a", "cart", "10.0.0.1"));
    pods.remove(name("old"));
    assertEquals(Set.of(new Endpoint("10.0.0.1", 8080, true)), ready("cart"));
  }

  @Test
  void accountsAreThoseOfThePodsThatAreSelected() {
    pods.services(List.of(service("cart", Map.of("app", "cart"))));
    told.clear();
    pods.put(pod("cart-0", "10.0.0.1", "one", true));
    pods.put(pod("cart-1", "10.0.0.2", "one", true));
    pods.put(pod("cart-2", "10.0.0.3", "other", false));
    assertEquals(Map.of(name("cart"), Set.of("one", "other")), pods.accounts());
    assertEquals(List.of("accounts", "accounts"), told());
    pods.remove(name("cart-0"));
    assertEquals(List.of(), told());
    pods.remove(name("cart-1"));
    assertEquals(List.of("accounts"), told());
    assertEquals(Map.of(name("cart"), Set.of("other")), pods.accounts());
  }

  @Test
  void podIsOfTheServiceThatSelectsItNow() {
    pods.put(pod("cart-0", "10.0.0.1", "default", true));
    assertEquals(
        Optional.of(
            new Pods.Place(
                name("default.serviceaccount"), name("default"), Optional.of("10.0.0.1"), "")),
        pods.place(name("cart-0")));
    told.clear();
    pods.services(List.of(service("cart", Map.of("app", "cart"))));
    assertTrue(told().contains("places"));
    assertEquals(name("cart"), pods.place(name("cart-0")).orElseThrow().service());
    assertEquals(Optional.empty(), pods.place(name("cart-1")));
  }

  /** Which of pods with our sidecar, with Istio's and with none take mutual TLS. */
  private static List<Boolean> takeTls(boolean besideIstio) {
    Pods all = new Pods(Pods.Changes.NONE, besideIstio);
    all.put(pod("ours", "10.0.0.1", "cart", true));
    all.put(
        new Pod(
            name("istios"),
            Optional.of("10.0.0.2"),
            "cart",
            Map.of("security.istio.io/tlsMode", "istio"),
            false,
            "",
            true));
    all.put(pod("none", "10.0.0.3", "cart", false));
    all.put(slice("a", "cart", "10.0.0.1", "10.0.0.2", "10.0.0.3"));
    return all.endpoints(service("cart", Map.of())).values().stream()
        .flatMap(Set::stream)
        .map(Endpoint::mtls)
        .toList();
  }

  @Test
  void podsOfIstiosTakeMutualTlsWhereTheyHaveOurRoot() {
    assertEquals(List.of(true, false, false), takeTls(false));
    assertEquals(List.of(true, true, false), takeTls(true));
  }

  @Test
  void podIsInTheZoneOfItsNodeAndAnInstanceWhereItsSliceSays() {
    pods.putNode("node-1", "zone-a");
    pods.put(pod("cart-0", "10.0.0.1", "default", true));
    assertEquals("zone-a", pods.place(name("cart-0")).orElseThrow().zone());
    pods.removeNode("node-1");
    assertEquals("", pods.place(name("cart-0")).orElseThrow().zone());
    pods.put(slice("a", "cart", "10.0.0.1", "10.0.0.9"));
    assertEquals(
        Set.of(
            new Endpoint("10.0.0.1", 8080, true), new Endpoint("10.0.0.9", 8080, false, "zone-b")),
        ready("cart"));
  }

  /** Whatever came in whatever order, what there is follows from what there is alone. */
  @Property
  void orderOfEventsLeavesNoTrace(@ForAll long seed) {
    Pods all = new Pods(Pods.Changes.NONE, false);
    Random random = new Random(seed);
    Map<String, Pod> podsNow = new HashMap<>();
    Map<String, PodSlice> slicesNow = new HashMap<>();
    Map<String, Service> servicesNow = new TreeMap<>();
    for (int i = 0; i < 60; i++) {
      String one = String.valueOf(random.nextInt(4));
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          Pod pod =
              new Pod(
                  name("pod-" + one),
                  Optional.of("10.0.0." + one),
                  "account-" + random.nextInt(2),
                  Map.of("app", "s" + random.nextInt(2)),
                  random.nextBoolean(),
                  "",
                  random.nextBoolean());
          podsNow.put(one, pod);
          all.put(pod);
        }
        case 2 -> {
          podsNow.remove(one);
          all.remove(name("pod-" + one));
        }
        case 3 -> {
          Set<String> ready = new HashSet<>();
          Set<String> unready = new HashSet<>();
          for (int k = 0; k < 4; k++) {
            switch (random.nextInt(5)) {
              case 0 -> ready.add("10.0.0." + k);
              case 1, 2 -> unready.add("10.0.0." + k);
              default -> {}
            }
          }
          PodSlice slice = slice("slice-" + one, "s" + random.nextInt(2), ready, unready);
          slicesNow.put(one, slice);
          all.put(slice);
        }
        case 4 -> {
          slicesNow.remove(one);
          all.removeSlice(name("slice-" + one));
        }
        default -> {
          String service = "s" + random.nextInt(2);
          if (servicesNow.remove(service) == null) {
            servicesNow.put(service, service(service, Map.of("app", "s" + random.nextInt(2))));
          }
          all.services(servicesNow.values());
        }
      }
      for (String service : List.of("s0", "s1")) { // each time, as the writer of status does
        assertEquals(
            bare(service, slicesNow.values(), podsNow.values()),
            Optional.ofNullable(all.bare().get(name(service))));
      }
    }
    for (String service : List.of("s0", "s1")) {
      assertEquals(
          endpoints(service, slicesNow.values(), podsNow.values()),
          all.endpoints(service(service, Map.of())));
    }
    Map<ObjectName, Set<String>> accounts = new HashMap<>();
    for (Service service : servicesNow.values()) {
      podsNow.values().stream()
          .filter(pod -> pod.labels().entrySet().containsAll(service.selector().entrySet()))
          .forEach(pod ->
              accounts.computeIfAbsent(service.name(), key -> new HashSet<>()).add(pod.account()));
    }
    assertEquals(accounts, all.accounts());
    for (Pod pod : podsNow.values()) {
      String group =
          servicesNow.values().stream()
              .filter(service -> pod.labels().entrySet().containsAll(service.selector().entrySet()))
              .map(service -> service.name().name())
              .sorted()
              .collect(Collectors.joining("+"));
      assertEquals(
          name(group.isEmpty() ? pod.account() + ".serviceaccount" : group),
          all.place(pod.name()).orElseThrow().service());
    }
  }

  /** Also of pods that move from an address to another, to one that another has not left yet. */
  @Property
  void namespacesAreThoseOfThePodsThatAreThere(@ForAll long seed) {
    Pods all = new Pods(Pods.Changes.NONE, false);
    Random random = new Random(seed);
    Map<ObjectName, Pod> there = new HashMap<>();
    Map<String, ObjectName> meshed = new HashMap<>();
    Map<String, ObjectName> bare = new HashMap<>();
    Map<String, ObjectName> running = new HashMap<>();
    for (int i = 0; i < 60; i++) {
      ObjectName name = new ObjectName("n" + random.nextInt(3), "pod-" + random.nextInt(2));
      Pod before = there.get(name);
      Pod next = random.nextInt(3) == 0 ? null : anyPod(name, random);
      if (next == null) {
        all.remove(name);
      } else {
        all.put(next);
      }
      if (Objects.equals(before, next)) {
        continue; // nothing has happened to it
      }
      if (before != null) {
        there.remove(name);
        String left = before.address().orElseThrow();
        List.of(meshed, bare, running).forEach(at -> at.remove(left, name));
      }
      if (next != null) {
        there.put(name, next);
        String address = next.address().orElseThrow();
        (next.meshed() ? meshed : bare).put(address, name);
        if (next.running()) {
          running.put(address, name);
        }
      }
      Set<String> joined = namespaces(meshed);
      assertEquals(joined, all.namespaces());
      Set<String> apart = namespaces(running);
      apart.removeAll(joined);
      assertEquals(apart, all.apart());
      Map<String, ObjectName> runningBare = new HashMap<>(running);
      runningBare.entrySet().retainAll(bare.entrySet());
      Set<String> partly = namespaces(runningBare);
      partly.retainAll(joined);
      assertEquals(partly, all.partly());
    }
  }

  private static Pod anyPod(ObjectName name, Random random) {
    return new Pod(
        name,
        Optional.of("10.0.0." + random.nextInt(4)),
        "default",
        Map.of(),
        random.nextBoolean(),
        "",
        random.nextBoolean());
  }

  private static Set<String> namespaces(Map<String, ObjectName> at) {
    return at.values().stream().map(ObjectName::namespace).collect(Collectors.toSet());
  }

  /** As {@link Pods#bare} has it for one service, or nothing. */
  private static Optional<Pods.Bare> bare(
      String service, Iterable<PodSlice> slices, Iterable<Pod> all) {
    SortedSet<String> ready = new TreeSet<>();
    slices.forEach(slice -> {
      if (slice.service().equals(name(service))) {
        ready.addAll(slice.ready());
      }
    });
    Map<String, Pod> at = new HashMap<>();
    all.forEach(pod -> at.put(pod.address().orElseThrow(), pod));
    List<String> without = new ArrayList<>();
    for (String address : ready) {
      Pod pod = at.get(address);
      if (pod == null || !pod.meshed()) {
        without.add(pod == null ? address : pod.name().name());
      }
    }
    return without.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Pods.Bare(
                without.size(), ready.size(), without.subList(0, Math.min(5, without.size()))));
  }

  private static SortedMap<ServicePort, SortedSet<Endpoint>> endpoints(
      String service, Iterable<PodSlice> slices, Iterable<Pod> all) {
    Set<String> meshed = new HashSet<>();
    Set<String> running = new HashSet<>();
    for (Pod pod : all) {
      if (pod.meshed()) {
        meshed.add(pod.address().orElseThrow());
      }
      if (pod.running()) {
        running.add(pod.address().orElseThrow());
      }
    }
    Set<String> called = new HashSet<>();
    slices.forEach(slice -> {
      if (slice.service().equals(name(service))) {
        called.addAll(slice.ready());
      }
    });
    if (called.isEmpty()) {
      slices.forEach(slice -> {
        if (slice.service().equals(name(service))) {
          called.addAll(slice.unready());
        }
      });
      called.retainAll(running);
    }
    SortedSet<Endpoint> ready = new TreeSet<>();
    called.forEach(address -> ready.add(new Endpoint(address, 8080, meshed.contains(address))));
    return new TreeMap<>(Map.of(new ServicePort(name(service), 80), ready));
  }
}
