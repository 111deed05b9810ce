package dev.weir.control.snapshot;

import dev.weir.control.compile.Compiler;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Proxy;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The snapshots of the mesh as it is now: one for all proxies that get the same. Control thread.
 */
public final class SnapshotCache {
  private final Map<Key, Snapshot> snapshots = new HashMap<>();
  private Mesh mesh = new Mesh(MeshModel.EMPTY, new TreeMap<>());

  /** The mesh changed; snapshots are made anew when they are asked for. */
  public void replace(Mesh next) {
    mesh = next;
    snapshots.clear();
  }

  public Mesh mesh() {
    return mesh;
  }

  public Snapshot of(Proxy proxy) {
    Key key = new Key(proxy.service(), proxy.mark(), proxy.ports(), proxy.extensions());
    return snapshots.computeIfAbsent(key, same -> Snapshot.of(Compiler.compile(mesh, proxy)));
  }

  /** All of a proxy that its configuration follows from: not who and where it is. */
  private record Key(
      ObjectName service, int mark, Proxy.ListenerPorts ports, Set<String> extensions) {}
}
