package dev.weir.control.snapshot;

import com.google.protobuf.Message;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.xds.Compiler;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The snapshots of the mesh as it is now: one for all proxies that get the same. Control thread.
 */
public final class SnapshotCache {
  private final Map<Key, Snapshot> snapshots = new HashMap<>();
  private final IdentityHashMap<Message, Versioned> versioned = new IdentityHashMap<>();
  private Mesh mesh = new Mesh(MeshModel.EMPTY, new TreeMap<>());
  private Compiler compiler = new Compiler(mesh);

  /** The mesh changed; snapshots are made anew when they are asked for. */
  public void replace(Mesh next) {
    mesh = next;
    compiler = new Compiler(next);
    snapshots.clear();
    versioned.clear();
  }

  public Mesh mesh() {
    return mesh;
  }

  public Snapshot of(Proxy proxy) {
    return snapshots.computeIfAbsent(
        new Key(proxy.service(), proxy.kind()),
        same -> Snapshot.of(compiler.compile(proxy), versioned));
  }

  /** All of a proxy that its configuration follows from: not who and where it is. */
  private record Key(ObjectName service, ProxyKind kind) {}
}
