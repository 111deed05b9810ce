package dev.weir.sidecar.demand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.protos.service.discovery.v1alpha1.Destination;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.sidecar.xds.AdsResponses;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.TestDynamicConfig;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A connection to a service that the sidecar was not told of waits until it is. */
class OnDemandTest {
  private static final Executor VIRTUAL = task -> Thread.ofVirtual().start(task);

  @TempDir Path folder;
  private final ByteArrayOutputStream complaints = new ByteArrayOutputStream();
  private TestUpstream app;
  private TestUpstream elsewhere;
  private AdsTestServer server;
  private ClosedPort port;
  private TestSidecar sidecar;
  private Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream;
  private int nonces;

  @SuppressWarnings("NullAway.Init")
  OnDemandTest() {}

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("app");
    elsewhere = TestUpstream.replying("elsewhere");
    server = new AdsTestServer();
    port = new ClosedPort();
    sidecar = sidecar();
    stream = server.delta();
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    port.close();
    server.close();
    elsewhere.close();
    app.close();
  }

  private TestSidecar sidecar() {
    return TestSidecar.start(
        AdsBootstrap.yaml(AdsBootstrap.DELTA, server.port()),
        1,
        Optional.of(folder.resolve("last-good")),
        new PrintStream(complaints, true, StandardCharsets.UTF_8));
  }

  private void send(ResourceType type, List<String> gone, Map<String, Any> resources) {
    String nonce = "n" + ++nonces;
    Resource[] sent =
        resources.entrySet().stream()
            .map(each -> AdsResponses.resource(each.getKey(), nonce, each.getValue()))
            .toArray(Resource[]::new);
    AdsResponses.send(stream, type, nonce, gone, sent);
  }

  /** The next request of a type that is no answer. */
  private DeltaDiscoveryRequest asked(ResourceType type) {
    DeltaDiscoveryRequest request = stream.next();
    while (!request.getTypeUrl().equals(type.typeUrl()) || !request.getResponseNonce().isEmpty()) {
      request = stream.next();
    }
    return request;
  }

  private static Any cluster(String name, int port) {
    return TestDynamicConfig.any(
        Cluster.getDefaultInstance(),
        """
        name: %1$s
        type: STATIC
        load_assignment:
          cluster_name: %1$s
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %2$d}}}}]}]
        """
            .formatted(name, port));
  }

  private static String relay(String cluster) {
    return """
    filters: [{name: tcp, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: %1$s, cluster: %1$s}}]
    """
        .formatted(cluster)
        .strip();
  }

  private Any listener(String timeout, String chains) {
    return TestDynamicConfig.any(
        Listener.getDefaultInstance(),
        """
        name: in
        address: {socket_address: {address: 127.0.0.1, port_value: %d}}
        listener_filters:
        - name: weir.filters.listener.on_demand
          typed_config:
            "@type": type.googleapis.com/weir.extensions.filters.listener.on_demand.v1alpha1.OnDemand
            ranges: [{address_prefix: 127.0.0.0, prefix_len: 8}]
            timeout: %s
        filter_chains: [%s]
        default_filter_chain: {name: elsewhere, %s}
        """
            .formatted(port.port(), timeout, chains, relay("elsewhere")));
  }

  private void toldOfNothing(String timeout) {
    send(
        ResourceType.CLUSTER,
        List.of(),
        Map.of(
            "app",
            cluster("app", app.port()),
            "elsewhere",
            cluster("elsewhere", elsewhere.port())));
    send(ResourceType.LISTENER, List.of(), Map.of("in", listener(timeout, "")));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
  }

  private void toldOfTheApp() {
    send(
        ResourceType.LISTENER,
        List.of(),
        Map.of(
            "in",
            listener(
                "20s",
                "{name: app, filter_chain_match: {destination_port: %d}, %s}"
                    .formatted(port.port(), relay("app")))));
  }

  private CompletableFuture<String> call() {
    return CompletableFuture.supplyAsync(
        () -> {
          try (RawClient client = new RawClient(port.port())) {
            return client.get("/").body();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        VIRTUAL);
  }

  private String name() {
    return "127.0.0.1:" + port.port();
  }

  private void answerPresent() {
    send(
        ResourceType.DESTINATION,
        List.of(),
        Map.of(name(), Any.pack(Destination.newBuilder().setService("shop/app").build())));
  }

  @Test
  void firstConnectionWaitsForItsChainAndLaterOnesHaveIt() throws Exception {
    toldOfNothing("20s");
    CompletableFuture<String> first = call();
    assertEquals(List.of(name()), asked(ResourceType.DESTINATION).getResourceNamesSubscribeList());
    CompletableFuture<String> second = call();
    answerPresent();
    toldOfTheApp();
    assertEquals("app", first.get());
    assertEquals("app", second.get());
    assertEquals("app", call().get());
    assertEquals(0, sidecar.stat("listener.in.on_demand_timeout"));
  }

  @Test
  void connectionToWhatIsNoServicesGoesOnAtOnceAndLaterOnesDoNotAsk() throws Exception {
    toldOfNothing("20s");
    CompletableFuture<String> first = call();
    asked(ResourceType.DESTINATION);
    send(ResourceType.DESTINATION, List.of(name()), Map.of());
    assertEquals("elsewhere", first.get());
    assertEquals("elsewhere", call().get());
    answerPresent();
    toldOfTheApp();
    Await.until(() -> call().join().equals("app"));
  }

  @Test
  void withoutAnAnswerInTimeItGoesOnAndThatIsCountedAndToldOnce() throws Exception {
    toldOfNothing("0.1s");
    assertEquals("elsewhere", call().get());
    String told = "did not say in time what is at " + name();
    Await.until(() -> complaints.toString(StandardCharsets.UTF_8).contains(told));
    assertEquals("elsewhere", call().get());
    assertEquals(1, sidecar.stat("listener.in.on_demand_timeout"), "the second one does not wait");
    String all = complaints.toString(StandardCharsets.UTF_8);
    assertEquals(all.indexOf(told), all.lastIndexOf(told));
    answerPresent();
    toldOfTheApp();
    Await.until(() -> call().join().equals("app"));
  }

  @Test
  void clientThatSaysAllAndEndsWaitsToo() throws Exception {
    toldOfNothing("20s");
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
      client
          .getOutputStream()
          .write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      client.shutdownOutput();
      asked(ResourceType.DESTINATION);
      answerPresent();
      toldOfTheApp();
      String response =
          new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertTrue(response.endsWith("app"), response);
    }
  }

  @Test
  void whatWasAskedForIsAskedForFirstOnTheNextStreamAndAfterARestart() throws Exception {
    toldOfNothing("20s");
    CompletableFuture<String> first = call();
    asked(ResourceType.DESTINATION);
    answerPresent();
    toldOfTheApp();
    assertEquals("app", first.get());
    stream.fail();
    stream = server.delta();
    DeltaDiscoveryRequest again = stream.next();
    assertEquals(ResourceType.DESTINATION.typeUrl(), again.getTypeUrl());
    assertEquals(List.of(name()), again.getResourceNamesSubscribeList());
    assertFalse(again.getInitialResourceVersionsMap().isEmpty());
    sidecar.close();
    sidecar = sidecar();
    stream = server.delta();
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in")); // from the disk
    stream = server.delta();
    assertEquals(ResourceType.DESTINATION.typeUrl(), stream.next().getTypeUrl());
    assertEquals("app", call().get());
  }

  @Test
  void sidecarSaysThatItAsks() {
    assertTrue(
        stream.next().getNode().getExtensionsList().stream()
            .anyMatch(extension -> extension.getName().equals("weir.filters.listener.on_demand")));
  }
}
