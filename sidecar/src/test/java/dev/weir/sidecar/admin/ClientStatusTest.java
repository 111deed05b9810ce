package dev.weir.sidecar.admin;

import static dev.weir.sidecar.xds.AdsResponses.resource;
import static dev.weir.sidecar.xds.TestDynamicConfig.any;
import static dev.weir.sidecar.xds.TestDynamicConfig.brokenCluster;
import static dev.weir.sidecar.xds.TestDynamicConfig.cluster;
import static dev.weir.sidecar.xds.TestDynamicConfig.endpoints;
import static dev.weir.sidecar.xds.TestDynamicConfig.listener;
import static dev.weir.sidecar.xds.TestDynamicConfig.routes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real client of gRPC is told of the configuration, and that the page says the same. */
class ClientStatusTest {
  /** In a key, a token or a header field that must not be seen. */
  private static final String HUSH = "hush";

  private static final List<String> ALL =
      List.of(
          "Listener fixed  UNKNOWN static",
          "Listener in 1 ACKED",
          "Listener later 1 ACKED",
          "Listener never  NACKED",
          "RouteConfiguration missing  REQUESTED",
          "RouteConfiguration table 1 NACKED",
          "Cluster xds  UNKNOWN static",
          "Cluster badhosts 1 ACKED",
          "Cluster empty 1 ACKED",
          "Cluster kept 1 ACKED",
          "Cluster never  NACKED",
          "Cluster newer 1 ACKED",
          "Cluster newer 2 ACKED",
          "Cluster secured 1 ACKED",
          "Cluster turned 1 NACKED",
          "Cluster waits 1 ACKED",
          "ClusterLoadAssignment badhosts  NACKED",
          "ClusterLoadAssignment empty  DOES_NOT_EXIST",
          "ClusterLoadAssignment kept e1 DOES_NOT_EXIST",
          "ClusterLoadAssignment newer e1 ACKED",
          "ClusterLoadAssignment other  REQUESTED",
          "ClusterLoadAssignment turned e1 ACKED",
          "ClusterLoadAssignment waits  REQUESTED",
          "Secret own 1 ACKED");

  @TempDir Path folder;

  private ClientStatusSidecar sidecar;

  @SuppressWarnings("NullAway.Init")
  ClientStatusTest() {}

  @BeforeEach
  void start() throws IOException {
    sidecar = new ClientStatusSidecar();
  }

  @AfterEach
  void stop() {
    sidecar.close();
  }

  private static Any secured(String name, String balancing) {
    return any(
        Cluster.getDefaultInstance(),
        """
        name: %s
        type: STATIC
        connect_timeout: 1s
        lb_policy: %s
        transport_socket:
          name: tls
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
            common_tls_context:
              tls_certificate_sds_secret_configs: [{name: own, sds_config: {ads: {}, initial_fetch_timeout: 0s}}]
        """
            .formatted(name, balancing));
  }

  private static Any withInlineKey(String name) {
    return any(
        Cluster.getDefaultInstance(),
        """
        name: %s
        lb_policy: RING_HASH
        transport_socket:
          name: tls
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
            common_tls_context:
              tls_certificates: [{private_key: {inline_string: hush-key}, password: {inline_bytes: aHVzaC1ieXRlcw==}}]
        """
            .formatted(name));
  }

  private static Any withToken(String name) {
    return any(
        Listener.getDefaultInstance(),
        """
        name: %s
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: no.such.filter
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo}
        access_log:
        - name: als
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig
            common_config:
              log_name: l
              transport_api_version: V3
              grpc_service: {envoy_grpc: {cluster_name: xds}, initial_metadata: [{key: authorization, value: hush-token}]}
        """
            .formatted(name));
  }

  private Any own() throws IOException {
    TestCa.Issued issued = TestCa.create(folder, "ca").issue("spiffe://shop/app");
    return any(
        Secret.getDefaultInstance(),
        "{name: own, tls_certificate: {certificate_chain: {inline_string: \"%s\"}, private_key: {inline_string: \"%s\"}}}"
            .formatted(
                Files.readString(issued.chain()).replace("\n", "\\n"),
                Files.readString(issued.key()).replace("\n", "\\n")));
  }

  /** One of each that there can be. */
  private void sendAll() throws IOException {
    sidecar.send(
        ResourceType.CLUSTER,
        List.of(),
        resource("kept", "1", cluster("kept")),
        resource("newer", "1", cluster("newer")),
        resource("empty", "1", cluster("empty")),
        resource("waits", "1", cluster("waits")),
        resource("badhosts", "1", cluster("badhosts")),
        resource("turned", "1", cluster("turned")),
        resource("removed", "1", secured("removed", "ROUND_ROBIN")),
        resource("secured", "1", secured("secured", "ROUND_ROBIN")),
        resource("never", "1", withInlineKey("never")));
    sidecar.awaitAsked(ResourceType.ENDPOINTS, "waits");
    sidecar.send(ResourceType.SECRET, List.of(), resource("own", "1", own()));
    sidecar.send(
        ResourceType.ENDPOINTS,
        List.of("empty"),
        resource("kept", "e1", endpoints("kept", 80)),
        resource("newer", "e1", endpoints("newer", 80)),
        resource("turned", "e1", endpoints("turned", 80)),
        resource("badhosts", "e1", endpoints("badhosts", 70_000)));
    sidecar.send(ResourceType.ENDPOINTS, List.of("kept"));
    sidecar.send(
        ResourceType.CLUSTER,
        List.of("removed"),
        resource(
            "newer",
            "2",
            any(
                Cluster.getDefaultInstance(),
                "{name: newer, type: EDS, connect_timeout: 2s, eds_cluster_config: {service_name: other, eds_config: {ads: {}, initial_fetch_timeout: 0s}}}")),
        resource("turned", "2", brokenCluster("turned")));
    sidecar.send(
        ResourceType.LISTENER,
        List.of(),
        resource("in", "1", listener("in", "table", "0s")),
        resource("later", "1", listener("later", "missing", "0s")),
        resource("never", "1", withToken("never")));
    sidecar.awaitAsked(ResourceType.ROUTE, "table");
    sidecar.send(ResourceType.ROUTE, List.of(), resource("table", "1", routes("table", "kept")));
    sidecar.send(
        ResourceType.ROUTE,
        List.of(),
        resource(
            "table",
            "2",
            Any.newBuilder()
                .setTypeUrl(ResourceType.ROUTE.typeUrl())
                .setValue(ByteString.copyFromUtf8("hush, no message"))
                .build()));
  }

  private static List<String> lines(ClientStatusResponse response) {
    return response.getConfig(0).getGenericXdsConfigsList().stream()
        .map(each ->
            "%s %s %s %s%s"
                .formatted(
                    ConfigFacts.type(each.getTypeUrl()),
                    each.getName(),
                    each.getVersionInfo(),
                    each.getClientStatus(),
                    each.getIsStaticResource() ? " static" : ""))
        .toList();
  }

  private ClientStatusResponse settled() {
    Await.until(
        () -> lines(sidecar.fetch()).equals(ALL), () -> String.join("\n", lines(sidecar.fetch())));
    return sidecar.fetch();
  }

  @Test
  void everyNameIsToldWithWhatBecameOfIt() throws IOException {
    sendAll();
    ClientStatusResponse response = settled();
    assertEquals("cart-0", response.getConfig(0).getNode().getId());
    for (GenericXdsConfig each : response.getConfig(0).getGenericXdsConfigsList()) {
      boolean there = each.getIsStaticResource() || !each.getVersionInfo().isEmpty();
      assertEquals(there, each.hasXdsConfig(), each::toString);
      assertEquals(there, each.hasLastUpdated(), each::toString);
      assertEquals(
          each.getClientStatus() == ClientResourceStatus.NACKED,
          each.hasErrorState(),
          each::toString);
    }
    GenericXdsConfig turned =
        response.getConfig(0).getGenericXdsConfigsList().stream()
            .filter(each -> each.getName().equals("turned"))
            .filter(GenericXdsConfig::hasErrorState)
            .findFirst()
            .orElseThrow();
    UpdateFailureState error = turned.getErrorState();
    assertEquals("2", error.getVersionInfo());
    assertEquals("cluster \"turned\": lb_policy: RING_HASH is not supported", error.getDetails());
    assertEquals(brokenCluster("turned"), error.getFailedConfiguration());
    assertTrue(error.getLastUpdateAttempt().getSeconds() > 0);
  }

  @Test
  void pageGrpcAndJsonSayTheSame() throws IOException {
    sendAll();
    ClientStatusResponse response = settled();
    SortedSet<String> facts = ConfigFacts.facts(response);
    assertEquals(ALL.size(), facts.size());
    assertEquals(
        String.join("\n", facts),
        String.join("\n", ConfigFacts.facts(sidecar.page("/config_dump"))));
    ClientStatusResponse json =
        ConfigFacts.read(sidecar.post("{}").body(), ClientStatusResponse.getDefaultInstance());
    assertEquals(String.join("\n", facts), String.join("\n", ConfigFacts.facts(json)));
    assertEquals(response.getConfig(0).getNode(), json.getConfig(0).getNode());
  }

  @Test
  void noKeyAndNoTokenComesOut() throws IOException {
    sendAll();
    ClientStatusResponse response = settled();
    for (String text :
        List.of(
            response.toByteString().toString(StandardCharsets.ISO_8859_1),
            sidecar.post("{}").body(),
            sidecar.page("/config_dump"))) {
      assertFalse(text.contains(HUSH), text);
      assertFalse(text.contains("aHVza"), text); // the same in base64
      assertFalse(text.contains("PRIVATE KEY"), text);
      assertTrue(text.contains("[redacted]"), text);
      assertTrue(text.contains("authorization"), text);
    }
  }

  @Test
  void bodiesAreLeftOutWhereTheyAreNotWanted() throws IOException {
    sendAll();
    settled();
    ClientStatusResponse without =
        sidecar
            .stub()
            .fetchClientStatus(
                ClientStatusRequest.newBuilder().setExcludeResourceContents(true).build());
    assertEquals(ALL, lines(without));
    for (GenericXdsConfig each : without.getConfig(0).getGenericXdsConfigsList()) {
      assertFalse(each.hasXdsConfig() || each.getErrorState().hasFailedConfiguration());
    }
  }
}
