package dev.weir.control.server;

import dev.weir.control.Meshes;
import dev.weir.control.compile.Proxy;
import dev.weir.control.model.ObjectName;
import dev.weir.control.snapshot.Snapshot;
import dev.weir.control.snapshot.SnapshotCache;
import dev.weir.protos.yaml.YamlReader;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;

/** A mesh of the services that the test names. */
final class OneMesh implements Streams {
  private final SnapshotCache snapshots = new SnapshotCache();

  void services(String... names) {
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
    snapshots.replace(Meshes.of(YamlReader.read("services", yaml.toString()).documents()));
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
    throw new AssertionError("no health in this test");
  }

  @Override
  public boolean warm() {
    return true;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }
}
