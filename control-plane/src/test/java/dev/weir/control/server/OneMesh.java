package dev.weir.control.server;

import dev.weir.control.Meshes;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.ObjectName;
import dev.weir.control.snapshot.Snapshot;
import dev.weir.control.snapshot.SnapshotCache;
import dev.weir.protos.yaml.YamlReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;

/** A mesh of the services that the test names. */
final class OneMesh implements Streams {
  private final SnapshotCache snapshots = new SnapshotCache();
  final List<String> refusals = new ArrayList<>();
  final List<Set<Integer>> healthy = new ArrayList<>();
  private boolean warm = true;

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
    snapshots.replace(Meshes.of(YamlReader.read("resources", yaml).documents()));
  }

  @Override
  public Collection<ObjectName> services() {
    return snapshots.mesh().model().services().keySet();
  }

  @Override
  public Snapshot snapshot(Proxy proxy) {
    return snapshots.of(proxy);
  }

  @Override
  public void health(long id, Proxy proxy, Set<Integer> ports) {
    healthy.add(ports);
  }

  @Override
  public void refused(Proxy proxy, ResourceType type, SortedSet<String> names, String reason) {
    refusals.add(type.kind() + " " + names + " " + reason);
  }

  @Override
  public boolean warm() {
    return warm;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }
}
