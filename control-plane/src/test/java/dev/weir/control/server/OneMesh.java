package dev.weir.control.server;

import dev.weir.control.Meshes;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import dev.weir.control.snapshot.Snapshot;
import dev.weir.control.snapshot.Snapshots;
import dev.weir.control.workload.Endpoints;
import dev.weir.control.workload.Pods;
import dev.weir.protos.yaml.YamlReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A mesh of the services that the test names. */
final class OneMesh implements Streams {
  private final Snapshots snapshots = new Snapshots(Meshes::mistaken);
  final List<String> refusals = new ArrayList<>();
  final List<Set<Integer>> healthy = new ArrayList<>();
  private boolean warm = true;
  private Duration uptime = Duration.ZERO;

  @Override
  public Optional<Pods.Place> pod(ObjectName name) {
    return Optional.empty();
  }

  void services(String... names) {
    resources(yaml(names));
  }

  /** {@code names}, and a route of calls to the first that leads to the last. */
  void routed(String... names) {
    resources(
        yaml(names)
            + """
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: route, namespace: shop}
            spec:
              parentRefs: [{group: "", kind: Service, name: %s}]
              rules: [{backendRefs: [{name: %s, port: 8080}]}]
            """
                .formatted(names[0], names[names.length - 1]));
  }

  void later(Duration time) {
    uptime = uptime.plus(time);
  }

  /** As after a start, before those who reconnect have had the time to. */
  void cold() {
    warm = false;
  }

  void warmedUp() {
    warm = true;
  }

  private static String yaml(String... names) {
    StringBuilder yaml = new StringBuilder();
    for (String name : names) {
      yaml.append(
          """
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: %s, namespace: shop}
          spec: {ports: [{name: http, port: 8080}]}
          """
              .formatted(name));
    }
    return yaml.toString();
  }

  private void resources(String yaml) {
    Mesh before = snapshots.mesh();
    Mesh mesh = Meshes.of(YamlReader.read("resources", yaml).documents());
    snapshots.replace(mesh);
    Map<ObjectName, SortedMap<ServicePort, SortedSet<Endpoint>>> endpoints = new TreeMap<>();
    Stream.of(before, mesh)
        .flatMap(one -> one.model().services().keySet().stream())
        .forEach(name ->
            endpoints.put(name, Endpoints.of(mesh.model(), name, List.of(), Meshes.NO_PODS)));
    snapshots.endpoints(endpoints);
  }

  @Override
  public Collection<ObjectName> services() {
    return snapshots.mesh().model().services().keySet();
  }

  @Override
  public Optional<String> entered(long stream, Proxy proxy) {
    return Optional.empty();
  }

  @Override
  public void left(Proxy proxy) {}

  @Override
  public Snapshot snapshot(Proxy proxy) {
    return snapshots.of(proxy);
  }

  @Override
  public boolean called(Proxy proxy, Collection<String> destinations) {
    return snapshots.called(proxy.service(), destinations);
  }

  @Override
  public void health(long id, Proxy proxy, Set<Integer> ports) {
    healthy.add(ports);
  }

  @Override
  public void sent(ResourceType type) {}

  @Override
  public void accepted(Duration after) {}

  @Override
  public void refused(
      Proxy proxy,
      ResourceType type,
      SortedSet<String> names,
      String reason,
      SortedSet<String> origins) {
    refusals.add(type.kind() + " " + names + " " + reason);
  }

  @Override
  public boolean warm() {
    return warm;
  }

  @Override
  public boolean silent(String endpoints) {
    return !warm;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }

  @Override
  public void wrong(String reason) {
    refusals.add(reason);
  }

  @Override
  public Duration uptime() {
    return uptime;
  }
}
