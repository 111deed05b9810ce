package dev.weir.control.workload;

import dev.weir.control.compile.ServiceGroup;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Pod;
import dev.weir.control.model.PodSlice;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The instances that a cluster runs: which of them a service has, who they are, and which service a
 * sidecar stands beside. The cluster says which are ready, so that every control plane of it knows
 * the same. Control thread.
 */
public final class Pods {
  /** Of one that no service selects. A name that no Service can have. */
  private static final String WITHOUT_SERVICE = ".serviceaccount";

  /** By which Istio's injector says that a pod's sidecar takes mutual TLS. */
  private static final String TLS_MODE = "security.istio.io/tlsMode";

  /** What came of an event. */
  public interface Changes {
    /** The ready instances of a service may be other ones. */
    void endpoints(ObjectName service);

    /** The service accounts of some service's instances are other ones. */
    void accounts();

    /** Some pods are another service's, or run as another account. */
    void places();

    /** Told to nobody. */
    Changes NONE =
        new Changes() {
          @Override
          public void endpoints(ObjectName service) {}

          @Override
          public void accounts() {}

          @Override
          public void places() {}
        };
  }

  private final Changes changes;
  private final boolean besideIstio;
  private final Map<ObjectName, Pod> pods = new HashMap<>();

  /** By namespace. */
  private final Map<String, SortedSet<ObjectName>> names = new HashMap<>();

  /**
   * Those whose sidecar, ours or not, takes mutual TLS by a certificate of our root, by address.
   */
  private final Map<String, ObjectName> takingTls = new HashMap<>();

  private final Sidecars sidecars = new Sidecars();
  private final PodSlices slices = new PodSlices();
  private final BareInstances bare = new BareInstances(slices, sidecars);

  /** The zones of nodes. */
  private final Map<String, String> zones = new HashMap<>();

  /** Those that say whom they select, by namespace. */
  private Map<String, SortedMap<ObjectName, Service>> selecting = Map.of();

  /** By service, how many of its pods run as each account. */
  private final Map<ObjectName, SortedMap<String, Integer>> accounts = new HashMap<>();

  /**
   * @param besideIstio whether Istio's sidecars have a root and a trust domain in common with ours
   */
  public Pods(Changes changes, boolean besideIstio) {
    this.changes = changes;
    this.besideIstio = besideIstio;
  }

  /**
   * Whose a pod is.
   *
   * @param service that it is an instance of; where there is none a name that is no service's
   * @param account in the namespace of the pod
   * @param address empty: not known yet
   * @param zone of the node that it runs on; empty: it has none
   */
  public record Place(
      ObjectName service, ObjectName account, Optional<String> address, String zone) {}

  /** The services of the mesh are these now. */
  public void services(Collection<Service> services) {
    Map<String, SortedMap<ObjectName, Service>> next = new HashMap<>();
    for (Service service : services) {
      if (!service.selector().isEmpty()) {
        next.computeIfAbsent(service.name().namespace(), key -> new TreeMap<>())
            .put(service.name(), service);
      }
    }
    Set<String> namespaces = new HashSet<>(next.keySet());
    namespaces.addAll(selecting.keySet());
    namespaces.removeIf(one -> selectors(next, one).equals(selectors(selecting, one)));
    selecting = next;
    if (!namespaces.isEmpty()) {
      namespaces.forEach(this::countAnew);
      changes.places();
    }
  }

  private static Map<ObjectName, Map<String, String>> selectors(
      Map<String, SortedMap<ObjectName, Service>> services, String namespace) {
    Map<ObjectName, Map<String, String>> selectors = new HashMap<>();
    services
        .getOrDefault(namespace, Collections.emptySortedMap())
        .forEach((name, service) -> selectors.put(name, service.selector()));
    return selectors;
  }

  private void countAnew(String namespace) {
    Map<ObjectName, Set<String>> before = accounts();
    accounts.keySet().removeIf(service -> service.namespace().equals(namespace));
    for (ObjectName name : names.getOrDefault(namespace, Collections.emptySortedSet())) {
      Pod pod = pods.get(name);
      if (pod != null) {
        count(pod, 1);
      }
    }
    if (!accounts().equals(before)) {
      changes.accounts();
    }
  }

  /** Returns whether a service has another set of accounts by it. */
  private boolean count(Pod pod, int more) {
    boolean others = false;
    for (ObjectName service : selecting(pod)) {
      SortedMap<String, Integer> of = accounts.computeIfAbsent(service, key -> new TreeMap<>());
      int now = of.merge(pod.account(), more, Integer::sum);
      if (now == 0) {
        of.remove(pod.account());
      }
      if (of.isEmpty()) {
        accounts.remove(service);
      }
      others |= now == 0 || now == more;
    }
    return others;
  }

  /** A pod is there, or is another. */
  public void put(Pod pod) {
    Pod before = pods.put(pod.name(), pod);
    if (pod.equals(before)) {
      return;
    }
    names.computeIfAbsent(pod.name().namespace(), key -> new TreeSet<>()).add(pod.name());
    boolean others = count(pod, 1);
    if (before != null) {
      others |= count(before, -1);
      leave(before);
    }
    enter(pod);
    if (others) {
      changes.accounts();
    }
    if (before != null && !sameIdentity(before, pod)) {
      changes.places();
    }
    tell(before, pod);
  }

  /** A pod is gone. */
  public void remove(ObjectName name) {
    Pod before = pods.remove(name);
    if (before == null) {
      return;
    }
    PodSlices.without(names, name.namespace(), name);
    leave(before);
    if (count(before, -1)) {
      changes.accounts();
    }
    tell(before, null);
  }

  private void enter(Pod pod) {
    sidecars.enter(pod);
    takingTls(pod).ifPresent(address -> takingTls.put(address, pod.name()));
    pod.address().ifPresent(bare::touchAt);
  }

  private void leave(Pod pod) {
    sidecars.leave(pod);
    takingTls(pod).ifPresent(address -> takingTls.remove(address, pod.name()));
    pod.address().ifPresent(bare::touchAt);
  }

  private static boolean sameIdentity(Pod one, Pod other) {
    return one.account().equals(other.account()) && one.labels().equals(other.labels());
  }

  private void tell(@Nullable Pod before, @Nullable Pod after) {
    List<Optional<String>> old = List.of(takingTls(before), running(before));
    List<Optional<String>> now = List.of(takingTls(after), running(after));
    if (!old.equals(now)) {
      Stream.concat(old.stream(), now.stream())
          .flatMap(Optional::stream)
          .flatMap(address -> slices.servicesAt(address).stream())
          .distinct()
          .toList()
          .forEach(changes::endpoints);
    }
  }

  /** Where a pod takes mutual TLS. */
  private Optional<String> takingTls(@Nullable Pod pod) {
    return pod != null
            && (pod.meshed() || besideIstio && "istio".equals(pod.labels().get(TLS_MODE)))
        ? pod.address()
        : Optional.empty();
  }

  private static Optional<String> running(@Nullable Pod pod) {
    return pod != null && pod.running() ? pod.address() : Optional.empty();
  }

  /** A node is there, or is another; {@code zone} is empty if it is in none. */
  public void putNode(String name, String zone) {
    zones.put(name, zone);
  }

  /** A node is gone. */
  public void removeNode(String name) {
    zones.remove(name);
  }

  /** A slice is there, or is another. */
  public void put(PodSlice slice) {
    ObjectName before = slices.put(slice);
    if (before != null && !before.equals(slice.service())) {
      bare.touch(before);
      changes.endpoints(before);
    }
    bare.touch(slice.service());
    changes.endpoints(slice.service());
  }

  /** A slice is gone. */
  public void removeSlice(ObjectName name) {
    ObjectName before = slices.remove(name);
    if (before != null) {
      bare.touch(before);
      changes.endpoints(before);
    }
  }

  /**
   * The ready instances of a service; where none is, those that run, and are called unready for
   * their node: when all nodes were silent, it is the way to the API server that broke.
   */
  public SortedMap<ServicePort, SortedSet<Endpoint>> endpoints(Service service) {
    SortedMap<ServicePort, SortedSet<Endpoint>> endpoints = new TreeMap<>();
    List<PodSlice> of = slices.of(service.name());
    boolean none = of.stream().allMatch(slice -> slice.ready().isEmpty());
    for (Port port : service.ports()) {
      SortedSet<Endpoint> ready = new TreeSet<>();
      for (PodSlice slice : of) {
        for (int number : slice.ports().getOrDefault(port.name(), List.of())) {
          (none ? slice.unready().stream().filter(sidecars::isRunning) : slice.ready().stream())
              .forEach(address ->
                  ready.add(
                      new Endpoint(
                          address,
                          number,
                          takingTls.containsKey(address),
                          slice.zones().getOrDefault(address, ""))));
        }
      }
      endpoints.put(new ServicePort(service.name(), port.port()), ready);
    }
    return endpoints;
  }

  /**
   * The ready instances of a service that have no sidecar.
   *
   * @param of how many instances there are
   * @param named the names of some of those without, or their addresses where these are no pod's
   */
  public record Bare(int count, int of, List<String> named) {
    public Bare {
      named = List.copyOf(named);
    }
  }

  /** By the services that have such. The same object until something happens to one. */
  public SortedMap<ObjectName, Bare> bare() {
    return bare.picture();
  }

  /** Those that have a pod with a sidecar. */
  public Set<String> namespaces() {
    return sidecars.namespaces();
  }

  /** Those of them in which pods run without one, too. */
  public SortedSet<String> partly() {
    return sidecars.partly();
  }

  /** Those in which pods run, and none with a sidecar. */
  public SortedSet<String> apart() {
    return sidecars.apart();
  }

  /** By service that has pods, the service accounts of these, ready or not. */
  public Map<ObjectName, Set<String>> accounts() {
    Map<ObjectName, Set<String>> all = new HashMap<>();
    accounts.forEach((service, of) -> all.put(service, Set.copyOf(of.keySet())));
    return all;
  }

  private List<ObjectName> selecting(Pod pod) {
    return selecting
        .getOrDefault(pod.name().namespace(), Collections.emptySortedMap())
        .values()
        .stream()
        .filter(service -> pod.labels().entrySet().containsAll(service.selector().entrySet()))
        .map(Service::name)
        .toList();
  }

  /** Whose a pod is; empty: there is no such pod. Of several services it is their group's. */
  public Optional<Place> place(ObjectName name) {
    Pod pod = pods.get(name);
    if (pod == null) {
      return Optional.empty();
    }
    List<ObjectName> services = selecting(pod);
    ObjectName account = new ObjectName(name.namespace(), pod.account());
    return Optional.of(
        new Place(
            services.isEmpty()
                ? new ObjectName(name.namespace(), pod.account() + WITHOUT_SERVICE)
                : ServiceGroup.of(name.namespace(), services),
            account,
            pod.address(),
            zones.getOrDefault(pod.node(), "")));
  }
}
