package dev.weir.control.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weir.control.Meshes;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.yaml.YamlReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A mesh of many services costs each of its proxies little: they share what is the same. */
class SnapshotCacheTest {
  private static final ObjectName A = new ObjectName("shop", "a");
  private static final ObjectName B = new ObjectName("shop", "b");
  private static final ObjectName TOLD = new ObjectName("shop", "told");

  private final SnapshotCache cache = new SnapshotCache();

  @BeforeEach
  void fill() {
    cache.replace(
        Meshes.of(
            YamlReader.read(
                    "resources",
                    """
                    apiVersion: v1
                    kind: Service
                    metadata: {name: a, namespace: shop}
                    spec: {ports: [{name: http, port: 8080}]}
                    ---
                    apiVersion: v1
                    kind: Service
                    metadata: {name: b, namespace: shop}
                    spec: {ports: [{name: http, port: 8080}]}
                    ---
                    apiVersion: v1
                    kind: Service
                    metadata: {name: told, namespace: shop}
                    spec: {ports: [{name: http, port: 8080}]}
                    ---
                    apiVersion: weir.dev/v1alpha1
                    kind: TelemetryPolicy
                    metadata: {name: told, namespace: shop}
                    spec:
                      targetRefs: [{group: "", kind: Service, name: told}]
                      tracing: {sample: "50%"}
                    """)
                .documents()));
  }

  @Test
  void whatAppsCallIsMadeOnceForSidecarsOfAllServices() {
    Snapshot one = cache.of(Meshes.weirSidecar(A));
    Snapshot other = cache.of(Meshes.weirSidecar(B));
    for (ResourceType type : ResourceType.values()) {
      one.of(type)
          .forEach((name, resource) -> {
            if (!name.startsWith("inbound")) {
              assertSame(resource, other.of(type).get(name), name);
            }
          });
    }
    assertNotEquals(one.of(ResourceType.ROUTES).keySet(), other.of(ResourceType.ROUTES).keySet());
  }

  @Test
  void aServiceWithTelemetryOfItsOwnHasRoutesOfItsOwn() {
    String route = "outbound|8080|shop/a";
    assertNotEquals(
        cache.of(Meshes.weirSidecar(A)).of(ResourceType.ROUTES).get(route),
        cache.of(Meshes.weirSidecar(TOLD)).of(ResourceType.ROUTES).get(route));
  }

  @Test
  void anotherKindOfProxyHasClustersOfItsOwn() {
    String cluster = "outbound|8080|shop/a";
    assertNotEquals(
        cache.of(Meshes.weirSidecar(A)).of(ResourceType.CLUSTER).get(cluster),
        cache.of(Meshes.envoy(A)).of(ResourceType.CLUSTER).get(cluster));
  }

  @Test
  void theSameMeshAnewHasTheSameVersions() {
    Snapshot before = cache.of(Meshes.weirSidecar(A));
    fill();
    Snapshot after = cache.of(Meshes.weirSidecar(A));
    assertNotSame(before, after);
    assertEquals(before.versions(), after.versions());
  }
}
