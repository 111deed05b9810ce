package dev.weir.sidecar.transport;

import static dev.weir.sidecar.transport.TestSecrets.answers;
import static dev.weir.sidecar.transport.TestSecrets.certificate;
import static dev.weir.sidecar.transport.TestSecrets.connect;
import static dev.weir.sidecar.transport.TestSecrets.listening;
import static dev.weir.sidecar.transport.TestSecrets.root;
import static dev.weir.sidecar.transport.TestSecrets.serial;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.sidecar.relay.Relay;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Certificate and validation context by a stream of gRPC at a Unix socket, as Istio's agent serves
 * them to the proxy beside it: its cluster {@code sds-grpc} is at a pipe, and each secret names it.
 */
class SdsOverUnixSocketTest {
  private static final String METHOD =
      "envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets";

  private static final String SOURCE =
      "sds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3,"
          + " set_node_on_first_message_only: true, grpc_services: [{envoy_grpc: {cluster_name:"
          + " sds-grpc}}]}, initial_fetch_timeout: 0.1s, resource_api_version: V3}";

  @TempDir Path folder;

  private TestCa ca;
  private TestUpstream app;
  private TestCa.Issued client;

  @SuppressWarnings("NullAway.Init")
  SdsOverUnixSocketTest() {}

  @BeforeEach
  void start() throws IOException {
    ca = TestCa.create(folder, "ca");
    client = ca.issue("spiffe://shop/me");
    app = TestUpstream.replying("hello");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  private Path socket() {
    return folder.resolve("socket");
  }

  private TestSidecar sidecar() {
    return listening(
        "node: {id: cart-0, cluster: cart}\n"
            + TestConfig.to(app)
                .yaml()
                .replace(
                    "    - filters:\n",
                    "    - transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {tls_certificate_sds_secret_configs: [{name: default, "
                        + SOURCE
                        + "}], combined_validation_context: {default_validation_context: {match_typed_subject_alt_names: [{san_type: URI, matcher: {prefix: \"spiffe://shop/\"}}]}, validation_context_sds_secret_config: {name: ROOTCA, "
                        + SOURCE
                        + "}}}, require_client_certificate: true}}\n      filters:\n")
                .stripTrailing()
            + """

              - name: sds-grpc
                type: STATIC
                connect_timeout: 1s
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: {http2_protocol_options: {}}
                load_assignment: {cluster_name: sds-grpc, endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: %s}}}}]}]}
            """
                .formatted(socket()));
  }

  /** What serves at the socket: a server of gRPC, and who joins the socket to it. */
  private record Agent(AdsTestServer server, Relay door) implements AutoCloseable {
    static Agent at(Path socket) throws IOException {
      AdsTestServer server = new AdsTestServer();
      InetSocketAddress port =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
      return new Agent(
          server, Relay.start(UnixDomainSocketAddress.of(socket), () -> SocketChannel.open(port)));
    }

    @Override
    public void close() {
      door.close();
      server.close();
    }
  }

  /** The agent's end: for each name the stream on which it was asked for. */
  private static Map<String, Conversation<DiscoveryRequest, DiscoveryResponse>> asked(Agent agent) {
    Map<String, Conversation<DiscoveryRequest, DiscoveryResponse>> streams = new HashMap<>();
    while (!streams.keySet().containsAll(List.of("default", "ROOTCA"))) {
      var stream = agent.server().sotw(METHOD);
      DiscoveryRequest request = stream.next();
      assertEquals(ResourceType.SECRET.typeUrl(), request.getTypeUrl());
      assertEquals("cart-0", request.getNode().getId());
      new TreeSet<>(request.getResourceNamesList()).forEach(name -> streams.put(name, stream));
    }
    return streams;
  }

  private static void send(
      Map<String, Conversation<DiscoveryRequest, DiscoveryResponse>> streams,
      String version,
      Map<String, Any> secrets) {
    Map<Conversation<DiscoveryRequest, DiscoveryResponse>, List<Any>> responses = new HashMap<>();
    secrets.forEach((name, secret) ->
        responses.computeIfAbsent(streams.get(name), stream -> new ArrayList<>()).add(secret));
    responses.forEach((stream, all) -> stream.send(TestSecrets.response(version, all)));
  }

  /** The serial number of the certificate that a client is shown who is answered; else nothing. */
  private static String served(TestSidecar sidecar, SSLContext context) {
    try (SSLSocket socket = connect(context, sidecar.port())) {
      return answers(socket) ? TestSecrets.shown(socket) : "";
    } catch (IOException refused) {
      return "";
    }
  }

  @Test
  void aHandshakeIsByWhatTheAgentSaysAndNoneWithout() throws Exception {
    try (Agent agent = Agent.at(socket());
        TestSidecar sidecar = sidecar()) {
      var streams = asked(agent);
      assertEquals("", served(sidecar, ca.context(client)), "nothing is said yet");
      TestCa.Issued own = ca.issue("spiffe://shop/app");
      send(streams, "1", Map.of("default", certificate(own), "ROOTCA", root(ca)));
      Await.until(() -> served(sidecar, ca.context(client)).equals(serial(own)));
      assertEquals("", served(sidecar, ca.context()), "without a certificate");
      assertEquals(
          "", served(sidecar, ca.context(ca.issue("spiffe://other/me"))), "of another name");
      for (Conversation<DiscoveryRequest, DiscoveryResponse> stream :
          Set.copyOf(streams.values())) {
        DiscoveryRequest answer = stream.next();
        assertEquals("1", answer.getVersionInfo());
        assertTrue(!answer.hasErrorDetail(), answer::toString);
      }
    }
  }

  @Test
  void rotationReachesNewHandshakesAndOpenConnectionsGoOn() throws Exception {
    try (Agent agent = Agent.at(socket());
        TestSidecar sidecar = sidecar()) {
      var streams = asked(agent);
      TestCa.Issued first = ca.issue("spiffe://shop/app");
      TestCa.Issued second = ca.issue("spiffe://shop/app");
      send(streams, "1", Map.of("default", certificate(first), "ROOTCA", root(ca)));
      Await.until(() -> served(sidecar, ca.context(client)).equals(serial(first)));
      try (SSLSocket open = connect(ca.context(client), sidecar.port())) {
        open.startHandshake();
        send(streams, "2", Map.of("default", certificate(second)));
        Await.until(() -> served(sidecar, ca.context(client)).equals(serial(second)));

        TestCa next = TestCa.create(folder, "next");
        send(streams, "3", Map.of("ROOTCA", root(next)));
        Await.until(() -> served(sidecar, ca.context(client)).isEmpty());
        SSLContext ofNext = ca.context(next.issue("spiffe://shop/me"));
        Await.until(() -> served(sidecar, ofNext).equals(serial(second)));
        assertTrue(answers(open), "an open connection goes on");
      }
    }
  }

  @Test
  void anAgentThatGoesAwayLeavesTheLastGoodAndIsAskedAgainWhenItIsBack() throws Exception {
    TestCa.Issued first = ca.issue("spiffe://shop/app");
    TestCa.Issued second = ca.issue("spiffe://shop/app");
    Agent agent = Agent.at(socket());
    try (TestSidecar sidecar = sidecar()) {
      send(asked(agent), "1", Map.of("default", certificate(first), "ROOTCA", root(ca)));
      Await.until(() -> served(sidecar, ca.context(client)).equals(serial(first)));
      agent.close();
      Files.deleteIfExists(socket());
      for (int i = 0; i < 5; i++) {
        assertEquals(serial(first), served(sidecar, ca.context(client)), "nobody serves secrets");
      }
      try (Agent another = Agent.at(socket())) {
        var streams = asked(another);
        assertEquals(serial(first), served(sidecar, ca.context(client)), "it has said nothing yet");
        send(streams, "1", Map.of("default", certificate(second), "ROOTCA", root(ca)));
        Await.until(() -> served(sidecar, ca.context(client)).equals(serial(second)));
      }
      assertEquals(serial(second), served(sidecar, ca.context(client)));
    }
  }

  @Test
  void anAgentThatComesLaterIsFound() throws Exception {
    TestCa.Issued own = ca.issue("spiffe://shop/app");
    try (TestSidecar sidecar = sidecar()) {
      assertEquals("", served(sidecar, ca.context(client)));
      try (Agent agent = Agent.at(socket())) {
        send(asked(agent), "1", Map.of("default", certificate(own), "ROOTCA", root(ca)));
        Await.until(() -> served(sidecar, ca.context(client)).equals(serial(own)));
      }
    }
  }
}
