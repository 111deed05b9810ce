package dev.weir.sidecar.admin;

import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.sidecar.xds.AdsResponses;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A sidecar that is sent its configuration, and a client of gRPC that asks what it has. */
final class ClientStatusSidecar implements AutoCloseable {
  private final AdsTestServer server = new AdsTestServer();
  private final TestSidecar sidecar =
      TestSidecar.start(
          bootstrap(server.port()),
          1,
          Optional.empty(),
          new PrintStream(PrintStream.nullOutputStream()));
  private final Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream = server.delta();
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress("127.0.0.1", sidecar.adminPort())
          .usePlaintext()
          .maxInboundMessageSize(64 << 20)
          .build();

  ClientStatusSidecar() throws IOException {}

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

  void send(ResourceType type, List<String> removed, Resource... resources) {
    AdsResponses.send(stream, type, "n", removed, resources);
  }

  /** Until the sidecar has asked for a name. */
  void awaitAsked(ResourceType type, String name) {
    DeltaDiscoveryRequest request = stream.next();
    while (!request.getTypeUrl().equals(type.typeUrl())
        || !request.getResourceNamesSubscribeList().contains(name)) {
      request = stream.next();
    }
  }

  ManagedChannel channel() {
    return channel;
  }

  ClientStatusDiscoveryServiceGrpc.ClientStatusDiscoveryServiceBlockingStub stub() {
    return ClientStatusDiscoveryServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  ClientStatusResponse fetch() {
    return stub().fetchClientStatus(ClientStatusRequest.getDefaultInstance());
  }

  String page(String path) {
    try (RawClient client = new RawClient(sidecar.adminPort())) {
      return new String(
          client.get(path).body().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawClient.Response post(String body) throws IOException {
    try (RawClient client = new RawClient(sidecar.adminPort())) {
      return client
          .send(
              "POST /v3/discovery:client_status HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(body.length(), body))
          .read(false);
    }
  }

  int adminPort() {
    return sidecar.adminPort();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    Await.until(channel::isTerminated);
    sidecar.close();
    server.close();
  }
}
