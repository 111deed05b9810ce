package dev.weir.control.compile.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.Meshes;
import dev.weir.control.compile.Proxy;
import dev.weir.control.model.ObjectName;
import dev.weir.control.source.file.Folders;
import dev.weir.protos.extensions.filters.listener.instances.v1alpha1.Instances;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services whose names lead to their instances. */
class HeadlessTest {
  private static final ObjectName A = new ObjectName("shop", "a");

  @TempDir Path folder;

  private List<String> calledByInstance(Proxy proxy) throws Exception {
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: a, namespace: shop}
        spec: {ports: [{name: http, port: 8080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: db, namespace: shop}
        spec: {clusterIP: None, ports: [{name: tcp, port: 5432}, {name: http, port: 80, targetPort: 8080}]}
        """);
    XdsResources resources = WholeConfiguration.of(Meshes.of(Folders.scan(folder).model()), proxy);
    Listener listener =
        (Listener) Objects.requireNonNull(resources.of(ResourceType.LISTENER).get("outbound"));
    List<String> services = new ArrayList<>();
    for (ListenerFilter filter : listener.getListenerFiltersList()) {
      if (filter.getTypedConfig().is(Instances.class)) {
        filter
            .getTypedConfig()
            .unpack(Instances.class)
            .getServicesList()
            .forEach(service -> services.add(service.getClustersList() + " " + service.getPort()));
      }
    }
    return services;
  }

  @Test
  void sidecarKnowsWhoseInstancesAreCalledByTheirAddresses() throws Exception {
    assertEquals(
        List.of("[outbound|5432|shop/db] 5432", "[outbound|80|shop/db] 80"),
        calledByInstance(Meshes.weirSidecar(A)));
  }

  @Test
  void envoyIsNotToldWhatItDoesNotKnow() throws Exception {
    assertEquals(List.of(), calledByInstance(Meshes.envoy(A)));
  }
}
