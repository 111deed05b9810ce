package dev.weir.sidecar.admin;

import static dev.weir.sidecar.xds.AdsResponses.resource;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a client asks for the configuration, by gRPC and by HTTP, and what it is refused. */
class ClientStatusRequestsTest {
  private ClientStatusSidecar sidecar;

  @SuppressWarnings("NullAway.Init")
  ClientStatusRequestsTest() {}

  @BeforeEach
  void start() throws IOException {
    sidecar = new ClientStatusSidecar();
  }

  @AfterEach
  void stop() {
    sidecar.close();
  }

  private ClientStatusRequest request(String yaml) {
    return ConfigFacts.read(yaml, ClientStatusRequest.getDefaultInstance());
  }

  @Test
  void nodeThatNoMatcherMatchesIsNotTold() throws IOException {
    Map<String, Boolean> matchers = new TreeMap<>();
    matchers.put("{node_id: {exact: cart-0}}", true);
    matchers.put("{node_id: {exact: cart-1}}", false);
    matchers.put("{node_id: {prefix: x}}, {node_id: {suffix: '0'}}", true);
    matchers.put(
        "{node_metadatas: [{path: [{key: zone}, {key: name}], value: {string_match: {exact: a}}}]}",
        true);
    matchers.put(
        "{node_metadatas: [{path: [{key: zone}, {key: none}], value: {present_match: true}}]}",
        false);
    matchers.put(
        "{node_metadatas: [{path: [{key: size}], value: {double_match: {exact: 3}}}]}", true);
    matchers.put(
        "{node_metadatas: [{path: [{key: tags}], value: {list_match: {one_of: {string_match: {exact: y}}}}}]}",
        true);
    matchers.put(
        "{node_id: {exact: cart-0}, node_metadatas: [{path: [{key: size}], value: {double_match: {exact: 4}}}]}",
        false);
    matchers.put("{}", true);
    for (Map.Entry<String, Boolean> each : matchers.entrySet()) {
      String yaml = "{node_matchers: [" + each.getKey() + "]}";
      assertEquals(
          each.getValue() ? 1 : 0,
          sidecar.stub().fetchClientStatus(request(yaml)).getConfigCount(),
          yaml);
    }
    assertEquals("{}", sidecar.post("{node_matchers: [{node_id: {exact: x}}]}").body().strip());
  }

  @Test
  void invalidMatcherIsRefusedWithItsField() throws IOException {
    Map<String, String> matchers =
        Map.of(
            "{node_id: {}}", "node_matchers[0].node_id: must set one of ",
            "{}, {node_id: {safe_regex: {regex: '('}}}",
                "node_matchers[1].node_id.safe_regex.regex: ",
            "{node_metadatas: [{value: {bool_match: true}}]}",
                "node_matchers[0].node_metadatas[0].path: ",
            "{node_metadatas: [{path: [{key: a}]}]}",
                "node_matchers[0].node_metadatas[0].value: must be set");
    for (Map.Entry<String, String> each : matchers.entrySet()) {
      String yaml = "{node_matchers: [" + each.getKey() + "]}";
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> sidecar.stub().fetchClientStatus(request(yaml)),
              yaml);
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
      String why = String.valueOf(refused.getStatus().getDescription());
      assertTrue(why.startsWith(each.getValue()), why);
      RawClient.Response json = sidecar.post(yaml);
      assertEquals(400, json.status());
      assertTrue(json.body().contains(each.getValue()), json.body());
    }
  }

  @Test
  void jsonThatIsNoRequestIsRefused() throws IOException {
    assertEquals(200, sidecar.post("").status());
    assertEquals(400, sidecar.post("{\"nodes\": []}").status());
    assertEquals(400, sidecar.post("[").status());
    try (RawClient client = new RawClient(sidecar.adminPort())) {
      assertEquals(405, client.get("/v3/discovery:client_status").status());
    }
  }

  @Test
  void streamHasAResponseForEachRequest() throws Exception {
    BlockingQueue<Optional<ClientStatusResponse>> responses = new LinkedBlockingQueue<>();
    StreamObserver<ClientStatusRequest> requests =
        ClientStatusDiscoveryServiceGrpc.newStub(sidecar.channel())
            .streamClientStatus(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ClientStatusResponse response) {
                    responses.add(Optional.of(response));
                  }

                  @Override
                  public void onError(Throwable failure) {
                    throw new AssertionError(failure);
                  }

                  @Override
                  public void onCompleted() {
                    responses.add(Optional.empty());
                  }
                });
    requests.onNext(ClientStatusRequest.getDefaultInstance());
    assertEquals(1, AdsTestServer.take(responses).orElseThrow().getConfigCount());
    requests.onNext(request("{node_matchers: [{node_id: {exact: x}}]}"));
    requests.onNext(ClientStatusRequest.getDefaultInstance());
    assertEquals(0, AdsTestServer.take(responses).orElseThrow().getConfigCount());
    assertEquals(1, AdsTestServer.take(responses).orElseThrow().getConfigCount());
    requests.onCompleted();
    assertEquals(Optional.empty(), AdsTestServer.take(responses));
  }

  @Test
  void tenThousandClustersAreToldWhole() {
    List<Resource> clusters = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      String name = "service-%05d.shop.svc.cluster.local".formatted(i);
      clusters.add(
          resource(
              name,
              "1",
              Any.pack(
                  Cluster.newBuilder().setName(name).setAltStatName("x".repeat(300)).build())));
    }
    sidecar.send(ResourceType.CLUSTER, List.of(), clusters.toArray(new Resource[0]));
    Await.until(() -> sidecar.fetch().getConfig(0).getGenericXdsConfigsCount() > 10_000);
    assertTrue(sidecar.fetch().getSerializedSize() > 4 << 20);
  }
}
