package dev.weir.control.server;

import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.control.TestControlPlane;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances in zones, over real gRPC. */
class ZonesTest {
  private static final String STOCK = "outbound|80|shop/stock";

  @TempDir Path folder;
  private TestControlPlane controlPlane;

  @SuppressWarnings("NullAway.Init")
  ZonesTest() {}

  @BeforeEach
  void start() throws IOException {
    TestControlPlane.services(folder, "frontend");
    write("trafficDistribution: PreferClose, ", "a", "a", "b");
    controlPlane = new TestControlPlane(folder);
  }

  @AfterEach
  void stop() throws IOException {
    controlPlane.close();
  }

  /** Instances 10.0.1.0, 10.0.1.1 and so on. */
  private void write(String distribution, String... zones) throws IOException {
    StringBuilder endpoints = new StringBuilder();
    for (int i = 0; i < zones.length; i++) {
      endpoints.append(
          "- {addresses: [10.0.1.%d]%s}\n"
              .formatted(i, zones[i].isEmpty() ? "" : ", zone: " + zones[i]));
    }
    Files.writeString(
        folder.resolve("stock.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: stock, namespace: shop}
        spec: {%sports: [{name: http, port: 80}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: stock-1, namespace: shop, labels: {kubernetes.io/service-name: stock}}
        addressType: IPv4
        ports: [{name: http, port: 8080}]
        endpoints:
        %s\
        """
            .formatted(distribution, endpoints));
  }

  private DeltaClient client(String zone) {
    Node node =
        Nodes.sidecar("frontend-" + zone, "frontend", "10.0.0.1").toBuilder()
            .setLocality(Locality.newBuilder().setZone(zone))
            .build();
    DeltaClient client = new DeltaClient(controlPlane.channel(), node);
    client.subscribe(ENDPOINTS, STOCK);
    return client;
  }

  /** As {@code 0 a 10.0.1.0 10.0.1.1}: a priority, a zone and what is there. */
  private static List<String> localities(DeltaDiscoveryResponse response)
      throws InvalidProtocolBufferException {
    List<String> localities = new ArrayList<>();
    for (var locality :
        response
            .getResources(0)
            .getResource()
            .unpack(ClusterLoadAssignment.class)
            .getEndpointsList()) {
      StringBuilder text =
          new StringBuilder(locality.getPriority() + " " + locality.getLocality().getZone());
      locality
          .getLbEndpointsList()
          .forEach(endpoint ->
              text.append(' ')
                  .append(endpoint.getEndpoint().getAddress().getSocketAddress().getAddress()));
      localities.add(text.toString());
    }
    return localities;
  }

  @Test
  void callersHaveTheInstancesOfTheirZoneBeforeAllOthers() throws IOException {
    try (DeltaClient a = client("a");
        DeltaClient b = client("b");
        DeltaClient c = client("c");
        DeltaClient nowhere = client("")) {
      assertEquals(
          List.of("0 a 10.0.1.0 10.0.1.1", "1 b 10.0.1.2"), localities(a.nextAcked(ENDPOINTS)));
      assertEquals(
          List.of("1 a 10.0.1.0 10.0.1.1", "0 b 10.0.1.2"), localities(b.nextAcked(ENDPOINTS)));
      List<String> alike = List.of("0 a 10.0.1.0 10.0.1.1", "0 b 10.0.1.2");
      assertEquals(alike, localities(c.nextAcked(ENDPOINTS)));
      assertEquals(alike, localities(nowhere.nextAcked(ENDPOINTS)));
    }
  }

  @Test
  void zonesAreOfNoAccountUnlessTheServiceSaysSo() throws IOException {
    try (DeltaClient a = client("a")) {
      assertEquals(2, localities(a.nextAcked(ENDPOINTS)).size());
      write("", "a", "a", "b");
      assertEquals(List.of("0  10.0.1.0 10.0.1.1 10.0.1.2"), localities(a.nextAcked(ENDPOINTS)));
      write("trafficDistribution: PreferSameZone, ", "a", "a", "b");
      assertEquals(
          List.of("0 a 10.0.1.0 10.0.1.1", "1 b 10.0.1.2"), localities(a.nextAcked(ENDPOINTS)));
    }
  }

  @Test
  void instanceThatIsKnownToBeElsewhereNowIsTold() throws IOException {
    try (DeltaClient a = client("a")) {
      assertEquals(2, localities(a.nextAcked(ENDPOINTS)).size());
      write("trafficDistribution: PreferSameZone, ", "a", "", "b");
      assertEquals(
          List.of("1  10.0.1.1", "0 a 10.0.1.0", "1 b 10.0.1.2"),
          localities(a.nextAcked(ENDPOINTS)));
      assertTrue(a.quiet());
    }
  }
}
