package dev.weir.bench.mesh;

import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder of services, each with a route of two rules and two policies. In plain text, over a few
 * connections.
 */
final class MeshFolder implements MeshSource {
  /** A control plane takes a hundred streams of one. */
  private static final int CLIENTS_OF_A_CONNECTION = 50;

  private final Path root;
  private final Path state;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final MeshShape shape;

  /**
   * Writes it.
   *
   * @param state where the control plane keeps what it keeps
   */
  MeshFolder(Path root, Path state, MeshShape shape) throws IOException {
    this.root = root;
    this.state = state;
    this.shape = shape;
    int services = shape.services();
    if (shape.whole()) {
      Files.writeString(
          root.resolve("mesh.yaml"),
          """
          apiVersion: weir.dev/v1alpha1
          kind: MeshConfig
          metadata: {name: default, namespace: weir-system}
          spec: {scope: ["*/*"]}
          """);
    }
    for (int i = 0; i < services; i++) {
      write(i, "", service(i));
      write(i, "-rate", shape.limits(i));
      timeout(i, 2000);
    }
  }

  @Override
  public List<String> words() {
    return List.of("--config", root.toString(), "--state", state.toString());
  }

  @Override
  public void ready(Client client, boolean ready) {
    client.health(ready);
  }

  @Override
  public synchronized ManagedChannel channel(int client, int port) {
    int connection = client / CLIENTS_OF_A_CONNECTION;
    while (channels.size() <= connection) {
      channels.add(
          NettyChannelBuilder.forAddress("127.0.0.1", port)
              .usePlaintext()
              .maxInboundMessageSize(Mesh.LARGEST_RESPONSE)
              .directExecutor()
              .build());
    }
    return channels.get(connection);
  }

  @Override
  public Node.Builder node(int client) {
    int service = client % shape.services();
    return Node.newBuilder()
        .setMetadata(
            Struct.newBuilder()
                .putFields("WEIR_SERVICE", Client.text(MeshShape.name(service)))
                .putFields("WEIR_NAMESPACE", Client.text(shape.namespace(service)))
                .putFields("WEIR_ADDRESS", Client.text(MeshShape.address(client))));
  }

  @Override
  public boolean clientsSayWhenTheyAreReady() {
    return true;
  }

  @Override
  public void close() {}

  @Override
  public void timeout(int service, int millis) throws IOException {
    write(service, "-resilience", shape.resilience(service, millis));
  }

  private String service(int service) {
    int next = (service + shape.namespaces()) % shape.services();
    String other =
        shape.namespace(next).equals(shape.namespace(service)) && next != service
            ? ", {name: %s, port: 8080, weight: 10}".formatted(MeshShape.name(next))
            : "";
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: %2$s}
    spec: {ports: [{name: http, port: 8080, targetPort: 9080}]}
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: %1$s, namespace: %2$s}
    spec:
      parentRefs: [{group: "", kind: Service, name: %1$s}]
      rules:
      - name: canary
        matches: [{path: {type: PathPrefix, value: /v2}, headers: [{name: x-canary, value: "1"}]}]
        timeouts: {request: 5s}
        backendRefs: [{name: %1$s, port: 8080}]
      - name: main
        backendRefs: [{name: %1$s, port: 8080, weight: 90}%3$s]
    """
        .formatted(MeshShape.name(service), shape.namespace(service), other);
  }

  private void write(int service, String what, String text) throws IOException {
    Path folder = Files.createDirectories(root.resolve(shape.namespace(service)));
    Path beside = folder.resolve("." + MeshShape.name(service) + what);
    Files.writeString(beside, text);
    Files.move(
        beside,
        folder.resolve(MeshShape.name(service) + what + ".yaml"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }
}
