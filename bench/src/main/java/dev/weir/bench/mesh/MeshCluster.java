package dev.weir.bench.mesh;

import com.google.protobuf.Struct;
import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.testkit.KubeApi;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A real API server's services, each with two policies, a service account and pods that nobody
 * runs. Each client comes by a TLS connection of its own, with the token of its account.
 */
final class MeshCluster implements MeshSource {
  private static final int WRITERS = 16;

  private final MeshShape shape;
  private final Path ca;
  private final KubeApi api;
  private final KubernetesClient client;
  private final List<String> tokens = new ArrayList<>();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private @Nullable SslContext tls;

  /** Starts the server and writes the mesh. */
  MeshCluster(Path work, Path crds, MeshShape shape) throws IOException, InterruptedException {
    this.shape = shape;
    this.ca = work.resolve("ca");
    this.api = KubeApi.start(work);
    Runtime.getRuntime().addShutdownHook(new Thread(api::close)); // Ctrl-C leaves nothing
    api.kubectl("apply", "--server-side", "-f", crds.toString());
    api.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
    this.client = KubernetesClients.of(Optional.of(api.kubeconfig()), Optional.empty());
    api.namespace("weir-system");
    for (int i = 0; i < Math.min(shape.namespaces(), shape.services()); i++) {
      api.namespace(shape.namespace(i));
    }
    if (shape.whole()) {
      write(
          """
          apiVersion: weir.dev/v1alpha1
          kind: MeshConfig
          metadata: {name: default, namespace: weir-system}
          spec: {scope: ["*/*"]}
          """);
    }
    List<Future<String>> written = new ArrayList<>();
    try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
      for (int i = 0; i < shape.services(); i++) {
        int service = i;
        written.add(writers.submit(() -> service(service)));
      }
      for (Future<String> one : written) {
        tokens.add(one.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("the mesh cannot be written: " + e.getCause(), e);
    }
  }

  private void write(String yaml) {
    for (HasMetadata object :
        client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).items()) {
      client.resource(object).create();
    }
  }

  /** Returns the token of its account. */
  private String service(int service) {
    String name = MeshShape.name(service);
    String namespace = shape.namespace(service);
    write(
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: %1$s, namespace: %2$s}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: %1$s, namespace: %2$s}
        spec: {selector: {app: %1$s}, ports: [{name: http, port: 8080, targetPort: 9080}]}
        """
            .formatted(name, namespace));
    write(shape.limits(service));
    write(shape.resilience(service, 2000));
    StringBuilder endpoints = new StringBuilder();
    for (int i = service; i < shape.sidecars(); i += shape.services()) {
      pod(i, name, namespace);
      endpoints.append(
          "\n- {addresses: [%s], conditions: {ready: true}, targetRef: {kind: Pod, name: %s, namespace: %s}}"
              .formatted(MeshShape.address(i), podName(i), namespace));
    }
    write(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %1$s-1, namespace: %2$s, labels: {kubernetes.io/service-name: %1$s}}
        addressType: IPv4
        ports: [{name: http, port: 9080, protocol: TCP}]
        endpoints:%3$s
        """
            .formatted(name, namespace, endpoints));
    TokenRequest token =
        client
            .serviceAccounts()
            .inNamespace(namespace)
            .withName(name)
            .tokenRequest(
                new TokenRequestBuilder()
                    .withNewSpec()
                    .withAudiences("weir")
                    .withExpirationSeconds(3600L)
                    .endSpec()
                    .build());
    return token.getStatus().getToken();
  }

  private String podName(int instance) {
    return MeshShape.name(instance % shape.services()) + "-" + instance;
  }

  private void pod(int instance, String service, String namespace) {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(podName(instance))
            .withNamespace(namespace)
            .addToLabels("app", service)
            .endMetadata()
            .withNewSpec()
            .withServiceAccountName(service)
            .addNewInitContainer()
            .withName("weir-sidecar")
            .withImage("weir-sidecar")
            .withRestartPolicy("Always")
            .endInitContainer()
            .addNewContainer()
            .withName("app")
            .withImage("app")
            .endContainer()
            .endSpec()
            .build();
    Pod made = client.resource(pod).create();
    made.setStatus(
        new PodBuilder()
            .withNewStatus()
            .withPhase("Running")
            .withPodIP(MeshShape.address(instance))
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .endStatus()
            .build()
            .getStatus());
    client.resource(made).updateStatus();
  }

  @Override
  public List<String> words() {
    return List.of(
        "--kubernetes",
        "--kubeconfig",
        api.kubeconfig().toString(),
        "--ca",
        ca.toString(),
        "--state",
        "none");
  }

  @Override
  public void ready(Client of, boolean ready) {
    String service = MeshShape.name(of.service());
    client
        .discovery()
        .v1()
        .endpointSlices()
        .inNamespace(shape.namespace(of.service()))
        .withName(service + "-1")
        .edit(slice -> {
          slice.getEndpoints().stream()
              .filter(one -> one.getTargetRef().getName().equals(podName(of.index())))
              .forEach(one -> one.getConditions().setReady(ready));
          return slice;
        });
  }

  @Override
  public void timeout(int service, int millis) throws IOException {
    client
        .load(
            new ByteArrayInputStream(
                shape.resilience(service, millis).getBytes(StandardCharsets.UTF_8)))
        .items()
        .forEach(one -> client.resource(one).forceConflicts().serverSideApply());
  }

  @Override
  public ManagedChannel channel(int of, int port) throws IOException {
    if (tls == null) {
      tls =
          GrpcSslContexts.configure(
                  SslContextBuilder.forClient(),
                  OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
              .trustManager(ca.resolve("root-cert.pem").toFile())
              .build();
    }
    InetSocketAddress from =
        new InetSocketAddress(
            InetAddress.ofLiteral(MeshShape.address(of).replaceFirst("^10", "127")), 0);
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + tokens.get(of % shape.services()));
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .overrideAuthority("localhost")
        // As pods do, each comes from an address of its own.
        .localSocketPicker(
            new NettyChannelBuilder.LocalSocketPicker() {
              @Override
              public SocketAddress createSocketAddress(SocketAddress server, Attributes unused) {
                return from;
              }
            })
        .sslContext(tls)
        .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
        .eventLoopGroup(loops)
        .channelType(NioSocketChannel.class)
        .maxInboundMessageSize(Mesh.LARGEST_RESPONSE)
        .directExecutor()
        .build();
  }

  @Override
  public Node.Builder node(int of) {
    return Node.newBuilder()
        .setMetadata(
            Struct.newBuilder()
                .putFields("WEIR_POD", Client.text(podName(of)))
                .putFields("WEIR_NAMESPACE", Client.text(shape.namespace(of % shape.services()))));
  }

  @Override
  public boolean clientsSayWhenTheyAreReady() {
    return false;
  }

  @Override
  public void close() {
    loops.shutdownGracefully();
    client.close();
    api.close();
  }
}
