package dev.weir.control.compile.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Meshes;
import dev.weir.control.link.Linked;
import dev.weir.control.model.ObjectName;
import dev.weir.control.source.file.Folders;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is to be asked about requests, and is not there, or is the one that asks. */
class MissingAuthorizerTest {
  private static final String CLUSTER = "outbound|9000|auth/opa";

  @TempDir Path folder;

  private Linked linked(String more) throws IOException {
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: a, namespace: shop}
        spec: {ports: [{name: http, port: 8080}]}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: mesh, namespace: weir-system}
        spec:
          targetRefs: [{group: weir.dev, kind: MeshConfig, name: default}]
          action: External
          external: {backendRef: {name: opa, namespace: auth, port: 9000}, protocol: Grpc}
          rules: [{}]
        """
            + more);
    return Folders.scan(folder);
  }

  private static XdsResources of(Linked linked, ObjectName service) {
    return WholeConfiguration.of(Meshes.of(linked.model()), Meshes.weirSidecar(service));
  }

  private static String listener(XdsResources resources) {
    return String.valueOf(resources.of(ResourceType.LISTENER).get("inbound"));
  }

  @Test
  void policyHoldsWithAServerThatNeverAnswers() throws IOException {
    Linked linked = linked("");
    assertEquals(1, linked.findings().size());
    XdsResources resources = of(linked, new ObjectName("shop", "a"));
    Cluster nobody = (Cluster) resources.of(ResourceType.CLUSTER).get(CLUSTER);
    assertNotNull(nobody);
    assertEquals(0, nobody.getLoadAssignment().getEndpointsCount());
    assertTrue(listener(resources).contains("weir.ext_authz|auth/opa:9000|Grpc|200ms|Refuse"));
  }

  @Test
  void serverIsNotAskedAboutItsOwnRequests() throws IOException {
    Linked linked =
        linked(
            """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: opa, namespace: auth}
            spec: {ports: [{name: grpc, port: 9000}]}
            """);
    assertEquals(0, linked.findings().size());
    XdsResources asking = of(linked, new ObjectName("shop", "a"));
    Cluster server = (Cluster) asking.of(ResourceType.CLUSTER).get(CLUSTER);
    assertNotNull(server);
    assertEquals(Cluster.DiscoveryType.EDS, server.getType());
    assertTrue(listener(asking).contains("weir.ext_authz"));
    XdsResources asked = of(linked, new ObjectName("auth", "opa"));
    assertTrue(!listener(asked).contains("weir.ext_authz"), "it would never end");
  }
}
