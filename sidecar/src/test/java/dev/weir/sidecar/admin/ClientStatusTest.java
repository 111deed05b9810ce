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
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.sidecar.xds.AdsResponses;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real client of gRPC is told of the configuration, and that the page says the same. */
class ClientStatusTest {
  /** In a key, a token or a header field that must not be seen. */
  private static final String HUSH = "hush";

  @TempDir Path folder;

  private AdsTestServer server;
  private TestSidecar sidecar;
  private Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream;
  private ManagedChannel channel;
  private TestCa ca;

  @BeforeEach
  void start() throws IOException {
    ca = TestCa.create(folder, "ca");
    server = new AdsTestServer();
    sidecar =
        TestSidecar.start(
            bootstrap(server.port()),
            1,
            Optional.empty(),
            new PrintStream(PrintStream.nullOutputStream()));
    stream = server.delta();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", sidecar.adminPort())
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    channel.awaitTermination(5, TimeUnit.SECONDS);
    sidecar.close();
    server.close();
  }

  private static String bootstrap(int port) {
    String extended =
        AdsBootstrap.yaml(AdsBootstrap.DELTA, port)
            .replace(
                "cluster: cart}",
                "cluster: cart, metadata: {zone: {name: a}, size: 3, tags: [x, y]}}");
    return extended
        + """
          listeners:
          - name: fixed
            address: {socket_address: {address: 127.0.0.1, port_value: 0}}
            filter_chains:
            - filters:
              - name: tcp
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                  stat_prefix: fixed
                  cluster: xds
        admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
        """;
  }

  private void send(ResourceType type, List<String> removed, Resource... resources) {
    AdsResponses.send(stream, type, "n", removed, resources);
  }

  /** Until the sidecar has asked for a name. */
  private void awaitAsked(ResourceType type, String name) {
    DeltaDiscoveryRequest request = stream.next();
    while (!request.getTypeUrl().equals(type.typeUrl())
        || !request.getResourceNamesSubscribeList().contains(name)) {
      request = stream.next();
    }
  }

  private ClientStatusDiscoveryServiceGrpc.ClientStatusDiscoveryServiceBlockingStub stub() {
    return ClientStatusDiscoveryServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private ClientStatusResponse fetch() {
    return stub().fetchClientStatus(ClientStatusRequest.getDefaultInstance());
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
    TestCa.Issued issued = ca.issue("spiffe://shop/app");
    return any(
        Secret.getDefaultInstance(),
        "{name: own, tls_certificate: {certificate_chain: {inline_string: \"%s\"}, private_key: {inline_string: \"%s\"}}}"
            .formatted(
                Files.readString(issued.chain()).replace("\n", "\\n"),
                Files.readString(issued.key()).replace("\n", "\\n")));
  }

  /** One of each that there can be. */
  private void sendAll() throws IOException {
    send(
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
    awaitAsked(ResourceType.ENDPOINTS, "waits");
    send(ResourceType.SECRET, List.of(), resource("own", "1", own()));
    send(
        ResourceType.ENDPOINTS,
        List.of("empty"),
        resource("kept", "e1", endpoints("kept", 80)),
        resource("newer", "e1", endpoints("newer", 80)),
        resource("turned", "e1", endpoints("turned", 80)),
        resource("badhosts", "e1", endpoints("badhosts", 70_000)));
    send(ResourceType.ENDPOINTS, List.of("kept"));
    send(
        ResourceType.CLUSTER,
        List.of("removed"),
        resource(
            "newer",
            "2",
            any(
                Cluster.getDefaultInstance(),
                "{name: newer, type: EDS, connect_timeout: 2s, eds_cluster_config: {service_name: other, eds_config: {ads: {}, initial_fetch_timeout: 0s}}}")),
        resource("turned", "2", brokenCluster("turned")));
    send(
        ResourceType.LISTENER,
        List.of(),
        resource("in", "1", listener("in", "table", "0s")),
        resource("later", "1", listener("later", "missing", "0s")),
        resource("never", "1", withToken("never")));
    awaitAsked(ResourceType.ROUTE, "table");
    send(ResourceType.ROUTE, List.of(), resource("table", "1", routes("table", "kept")));
    send(
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

  private static String type(String typeUrl) {
    return typeUrl.substring(typeUrl.lastIndexOf('.') + 1);
  }

  private static final List<String> ALL =
      List.of(
              "Listener fixed  UNKNOWN static",
              "Listener in 1 ACKED",
              "Listener later 1 ACKED",
              "Listener never  NACKED",
              "RouteConfiguration missing  REQUESTED",
              "RouteConfiguration table 1 NACKED",
              "Cluster xds  UNKNOWN static",
              "Cluster badhosts 1 NACKED-NOT",
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
              "Secret own 1 ACKED")
          .stream()
          .map(line -> line.replace("NACKED-NOT", "ACKED"))
          .toList();

  private static List<String> lines(ClientStatusResponse response) {
    return response.getConfig(0).getGenericXdsConfigsList().stream()
        .map(each ->
            "%s %s %s %s%s"
                .formatted(
                    type(each.getTypeUrl()),
                    each.getName(),
                    each.getVersionInfo(),
                    each.getClientStatus(),
                    each.getIsStaticResource() ? " static" : ""))
        .toList();
  }

  private ClientStatusResponse settled() {
    Await.until(() -> lines(fetch()).equals(ALL), () -> String.join("\n", lines(fetch())));
    return fetch();
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

  // ---- equal to /config_dump

  /** What either says of one version of one resource. */
  private static String fact(
      String typeUrl,
      String name,
      String version,
      ClientResourceStatus status,
      Optional<Any> body,
      Timestamp updated,
      UpdateFailureState error) {
    return String.join(
        "|",
        type(typeUrl),
        name,
        version,
        status.toString(),
        body.map(ClientStatusTest::json).orElse("none"),
        json(updated),
        json(error));
  }

  private static String json(Message message) {
    return JsonWriter.write(ProtoWriter.write(message)).replace("\n", "");
  }

  private static <T extends Message> T read(String json, T prototype) {
    Converted<T> converted =
        ProtoReader.read(YamlReader.read("json", json).documents().getFirst(), prototype);
    assertEquals(List.of(), converted.problems());
    return converted.message();
  }

  private static SortedSet<String> facts(ClientStatusResponse response) {
    SortedSet<String> facts = new TreeSet<>();
    for (GenericXdsConfig each : response.getConfig(0).getGenericXdsConfigsList()) {
      facts.add(
          fact(
              each.getTypeUrl(),
              each.getName(),
              each.getVersionInfo(),
              each.getClientStatus(),
              each.hasXdsConfig() ? Optional.of(each.getXdsConfig()) : Optional.empty(),
              each.getLastUpdated(),
              each.getErrorState()));
    }
    return facts;
  }

  /** A message of a dump, by the names of its fields: they are the same in all of them. */
  private static void addEntry(
      Message entry, String bodyField, ClientResourceStatus status, SortedSet<String> facts)
      throws IOException {
    Any body = (Any) field(entry, bodyField);
    String version = has(entry, "version_info") ? (String) field(entry, "version_info") : "";
    boolean there = status == ClientResourceStatus.UNKNOWN || !version.isEmpty();
    Message opened =
        body.getTypeUrl().isEmpty()
            ? Secret.newBuilder().setName((String) field(entry, "name")).build()
            : TypeRegistry.prototype(body.getTypeUrl())
                .orElseThrow()
                .getParserForType()
                .parseFrom(body.getValue());
    String nameField = has(opened, "cluster_name") ? "cluster_name" : "name";
    facts.add(
        fact(
            TypeRegistry.typeUrl(opened),
            (String) field(opened, nameField),
            version,
            status,
            there ? Optional.of(body) : Optional.empty(),
            (Timestamp) field(entry, "last_updated"),
            has(entry, "error_state")
                ? (UpdateFailureState) field(entry, "error_state")
                : UpdateFailureState.getDefaultInstance()));
  }

  private static boolean has(Message message, String field) {
    return message.getDescriptorForType().findFieldByName(field) != null;
  }

  private static Object field(Message message, String field) {
    return message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  private static void addListener(
      ListenersConfigDump.DynamicListener each, SortedSet<String> facts) {
    List<ListenersConfigDump.DynamicListenerState> states = new ArrayList<>();
    if (each.hasActiveState()) {
      states.add(each.getActiveState());
    }
    if (each.hasWarmingState()) {
      states.add(each.getWarmingState());
    }
    if (states.isEmpty()) {
      states.add(ListenersConfigDump.DynamicListenerState.getDefaultInstance());
    }
    for (ListenersConfigDump.DynamicListenerState state : states) {
      facts.add(
          fact(
              ResourceType.LISTENER.typeUrl(),
              each.getName(),
              state.getVersionInfo(),
              each.getClientStatus(),
              state.hasListener() ? Optional.of(state.getListener()) : Optional.empty(),
              state.getLastUpdated(),
              each.getErrorState()));
    }
  }

  private static SortedSet<String> facts(String page) throws IOException {
    SortedSet<String> facts = new TreeSet<>();
    ClientResourceStatus none = ClientResourceStatus.UNKNOWN;
    for (Any any : read(page, ConfigDump.getDefaultInstance()).getConfigsList()) {
      if (any.is(ClustersConfigDump.class)) {
        ClustersConfigDump dump = any.unpack(ClustersConfigDump.class);
        for (Message each : dump.getStaticClustersList()) {
          addEntry(each, "cluster", none, facts);
        }
        List<ClustersConfigDump.DynamicCluster> dynamic =
            new ArrayList<>(dump.getDynamicActiveClustersList());
        dynamic.addAll(dump.getDynamicWarmingClustersList());
        for (ClustersConfigDump.DynamicCluster each : dynamic) {
          addEntry(each, "cluster", each.getClientStatus(), facts);
        }
      } else if (any.is(EndpointsConfigDump.class)) {
        for (var each : any.unpack(EndpointsConfigDump.class).getDynamicEndpointConfigsList()) {
          addEntry(each, "endpoint_config", each.getClientStatus(), facts);
        }
      } else if (any.is(RoutesConfigDump.class)) {
        for (var each : any.unpack(RoutesConfigDump.class).getDynamicRouteConfigsList()) {
          addEntry(each, "route_config", each.getClientStatus(), facts);
        }
      } else if (any.is(SecretsConfigDump.class)) {
        SecretsConfigDump dump = any.unpack(SecretsConfigDump.class);
        for (Message each : dump.getStaticSecretsList()) {
          addEntry(each, "secret", none, facts);
        }
        List<SecretsConfigDump.DynamicSecret> dynamic =
            new ArrayList<>(dump.getDynamicActiveSecretsList());
        dynamic.addAll(dump.getDynamicWarmingSecretsList());
        for (SecretsConfigDump.DynamicSecret each : dynamic) {
          addEntry(each, "secret", each.getClientStatus(), facts);
        }
      } else if (any.is(ListenersConfigDump.class)) {
        ListenersConfigDump dump = any.unpack(ListenersConfigDump.class);
        for (Message each : dump.getStaticListenersList()) {
          addEntry(each, "listener", none, facts);
        }
        for (ListenersConfigDump.DynamicListener each : dump.getDynamicListenersList()) {
          addListener(each, facts);
        }
      }
    }
    return facts;
  }

  private String page(String path) {
    try (RawClient client = new RawClient(sidecar.adminPort())) {
      return new String(
          client.get(path).body().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RawClient.Response post(String body) throws IOException {
    try (RawClient client = new RawClient(sidecar.adminPort())) {
      return client
          .send(
              "POST /v3/discovery:client_status HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(body.length(), body))
          .read(false);
    }
  }

  @Test
  void pageGrpcAndJsonSayTheSame() throws IOException {
    sendAll();
    ClientStatusResponse response = settled();
    SortedSet<String> facts = facts(response);
    assertEquals(ALL.size(), facts.size());
    assertEquals(String.join("\n", facts), String.join("\n", facts(page("/config_dump"))));
    ClientStatusResponse json = read(post("{}").body(), ClientStatusResponse.getDefaultInstance());
    assertEquals(String.join("\n", facts), String.join("\n", facts(json)));
    assertEquals(response.getConfig(0).getNode(), json.getConfig(0).getNode());
  }

  @Test
  void noKeyAndNoTokenComesOut() throws IOException {
    sendAll();
    ClientStatusResponse response = settled();
    for (String text :
        List.of(
            response.toByteString().toString(StandardCharsets.ISO_8859_1),
            post("{}").body(),
            page("/config_dump"))) {
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
        stub()
            .fetchClientStatus(
                ClientStatusRequest.newBuilder().setExcludeResourceContents(true).build());
    assertEquals(ALL, lines(without));
    for (GenericXdsConfig each : without.getConfig(0).getGenericXdsConfigsList()) {
      assertFalse(each.hasXdsConfig() || each.getErrorState().hasFailedConfiguration());
    }
  }

  // ---- requests

  private ClientStatusRequest request(String yaml) {
    return read(yaml, ClientStatusRequest.getDefaultInstance());
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
          each.getValue() ? 1 : 0, stub().fetchClientStatus(request(yaml)).getConfigCount(), yaml);
    }
    assertEquals("{}", post("{node_matchers: [{node_id: {exact: x}}]}").body().strip());
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
              StatusRuntimeException.class, () -> stub().fetchClientStatus(request(yaml)), yaml);
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
      String why = String.valueOf(refused.getStatus().getDescription());
      assertTrue(why.startsWith(each.getValue()), why);
      RawClient.Response json = post(yaml);
      assertEquals(400, json.status());
      assertTrue(json.body().contains(each.getValue()), json.body());
    }
  }

  @Test
  void jsonThatIsNoRequestIsRefused() throws IOException {
    assertEquals(200, post("").status());
    assertEquals(400, post("{\"nodes\": []}").status());
    assertEquals(400, post("[").status());
    try (RawClient client = new RawClient(sidecar.adminPort())) {
      assertEquals(405, client.get("/v3/discovery:client_status").status());
    }
  }

  @Test
  void streamHasAResponseForEachRequest() throws Exception {
    BlockingQueue<Optional<ClientStatusResponse>> responses = new LinkedBlockingQueue<>();
    StreamObserver<ClientStatusRequest> requests =
        ClientStatusDiscoveryServiceGrpc.newStub(channel)
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
    send(ResourceType.CLUSTER, List.of(), clusters.toArray(new Resource[0]));
    Await.until(() -> fetch().getConfig(0).getGenericXdsConfigsCount() > 10_000);
    assertTrue(fetch().getSerializedSize() > 4 << 20);
  }
}
