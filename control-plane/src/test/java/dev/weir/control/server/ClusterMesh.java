package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.control.ControlPlane;
import dev.weir.control.Settings;
import dev.weir.control.injector.Injection;
import dev.weir.control.model.MeshConfig;
import dev.weir.control.model.ObjectName;
import dev.weir.control.server.tls.TlsChannels;
import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.control.status.StatusWriter;
import dev.weir.testkit.Await;
import dev.weir.testkit.KubeApi;
import dev.weir.testkit.KubernetesPrograms;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A control plane of a real API server, with a Service, its pod in a zone, and two policies. */
final class ClusterMesh implements AutoCloseable {
  static final String SHOP =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {weir.dev/inject: enabled}}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: weir-system}
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: node-a, labels: {topology.kubernetes.io/zone: a}}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: cart-account, namespace: shop}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: other, namespace: shop}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: web}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: cart-0, namespace: shop, labels: {app: cart, weir.dev/inject: disabled}}
      spec:
        nodeName: node-a
        serviceAccountName: cart-account
        containers: [{name: app, image: app, ports: [{name: web, containerPort: 8080}]}]
        initContainers: [{name: weir-sidecar, image: sidecar, restartPolicy: Always}]
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: cart-1, namespace: shop, labels: {kubernetes.io/service-name: cart}}
      addressType: IPv4
      ports: [{name: http, port: 8080, protocol: TCP}]
      endpoints: [{addresses: [10.244.0.5], conditions: {ready: %s}}]
      ---
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: cart, namespace: shop}
      spec: {targetRefs: [{group: "", kind: Service, name: cart}], timeouts: {request: 2s}}
      ---
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: lost, namespace: shop}
      spec: {targetRefs: [{group: "", kind: Service, name: crt}], timeouts: {request: 2s}}
      """;

  private static final Path CHART = Path.of("src/test/resources/chart/rendered.yaml");

  /** Where the chart's webhooks are. */
  private static final Pattern SERVICE =
      Pattern.compile("service: \\{name: weir-control-plane,.* path: ([a-z/]+), port: 443}");

  final KubeApi api;
  final KubernetesClient client;
  final ControlPlane controlPlane;

  /** What it says. */
  final List<String> told = Collections.synchronizedList(new ArrayList<>());

  private final Path folder;
  private final List<Throwable> mistakes = Collections.synchronizedList(new ArrayList<>());
  final TlsChannels channels = new TlsChannels();
  private final int webhook = free();
  private boolean asked;

  /** Its CA is in the folder {@code ca} of that one. */
  ClusterMesh(Path folder) throws IOException {
    this(folder, KubeApi.shared());
  }

  /** Of an API server of one's own. */
  ClusterMesh(Path folder, KubeApi api) throws IOException {
    this.folder = folder;
    this.api = api;
    this.client = KubernetesClients.of(Optional.of(api.kubeconfig()), Optional.empty());
    api.kubectl("apply", "--server-side", "-f", "../charts/weir-crds/templates");
    api.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s");
    apply(SHOP.formatted("true"));
    client
        .pods()
        .inNamespace("shop")
        .withName("cart-0")
        .editStatus(pod ->
            new PodBuilder(pod)
                .editOrNewStatus()
                .withPhase("Running")
                .withPodIP("10.244.0.5")
                .endStatus()
                .build());
    InetAddress loopback = InetAddress.getLoopbackAddress();
    this.controlPlane =
        new ControlPlane(
            new Settings(
                Optional.empty(),
                Optional.of(
                    new Settings.Cluster(
                        Optional.of(api.kubeconfig()),
                        Optional.empty(),
                        Optional.of("weir-ca"),
                        Optional.of(new InetSocketAddress(loopback, webhook)),
                        Injection.DEFAULT,
                        Optional.empty())),
                new InetSocketAddress(loopback, 0),
                new InetSocketAddress(loopback, 0),
                Optional.of(new InetSocketAddress(loopback, 0)),
                Duration.ofMillis(10),
                Duration.ofSeconds(1),
                Duration.ofSeconds(25),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Optional.empty(),
                Optional.of(
                    new Settings.Security(
                        folder.resolve("ca"),
                        "cluster.local",
                        folder.resolve("tokens"),
                        Optional.empty(),
                        List.of("localhost"),
                        List.of()))),
            Clock.systemUTC(),
            linked -> {},
            told::add,
            mistakes::add);
  }

  /** An API server with Gateway API's own definitions of HTTPRoute and TCPRoute. */
  static KubeApi withRoutes(Path folder) throws IOException {
    Path crds = KubernetesPrograms.find("gateway-crds"); // before there is something to end
    KubeApi api = KubeApi.start(folder);
    for (String kind : List.of("httproutes", "tcproutes")) {
      String file = "gateway.networking.k8s.io_" + kind + ".yaml";
      api.kubectl("apply", "--server-side", "-f", crds.resolve(file).toString());
    }
    api.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s");
    return api;
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  void apply(String yaml) throws IOException {
    Path file = Files.createTempFile(folder, "apply", ".yaml");
    Files.writeString(file, yaml);
    api.kubectl("apply", "-f", file.toString());
  }

  /** The API server asks it from now on, by the webhooks of the chart. */
  void beAsked() throws IOException {
    asked = true;
    for (String document : Files.readString(CHART).split("(?m)^---$")) {
      if (document.contains("WebhookConfiguration\n")) {
        apply(
            SERVICE
                .matcher(document)
                .replaceAll("url: \"https://localhost:%d$1\"".formatted(webhook)));
      }
    }
    var admission = client.admissionRegistration().v1();
    Await.until(() ->
        Stream.concat(
                admission
                    .mutatingWebhookConfigurations()
                    .withName("weir-injector")
                    .get()
                    .getWebhooks()
                    .stream()
                    .map(each -> each.getClientConfig()),
                admission
                    .validatingWebhookConfigurations()
                    .withName("weir-validation")
                    .get()
                    .getWebhooks()
                    .stream()
                    .map(each -> each.getClientConfig()))
            .allMatch(config -> config.getCaBundle() != null));
  }

  /** That of the pod, if it runs as {@code cart-account}. */
  DeltaClient sidecar(String account) throws IOException {
    String token =
        api.kubectl("create", "token", account, "--namespace=shop", "--audience=weir").strip();
    ManagedChannel channel =
        channels.open(controlPlane.listen(), folder.resolve("ca/root-cert.pem"), token);
    Node node =
        Nodes.sidecar("cart-0.shop", "unused", "10.0.0.1").toBuilder()
            .setMetadata(
                Struct.newBuilder()
                    .putFields("WEIR_POD", text("cart-0"))
                    .putFields("WEIR_NAMESPACE", text("shop")))
            .build();
    return new DeltaClient(channel, node);
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  /** Of the first target: {@code True Programmed: in force in 1 of 1 proxies}. */
  String condition(String kind, String policy, String type) {
    return condition(
        object("weir.dev/v1alpha1", kind, new ObjectName("shop", policy)),
        type,
        "ancestors",
        0,
        "conditions");
  }

  /** As {@link #condition(String, String, String)}, of a route's first parent. */
  String ofRoute(String kind, String route, String type) {
    return condition(
        object("gateway.networking.k8s.io/v1", kind, new ObjectName("shop", route)),
        type,
        "parents",
        0,
        "conditions");
  }

  /** As {@link #condition(String, String, String)}, of the mesh's. */
  String ofMeshConfig(String type) {
    return condition(
        object("weir.dev/v1alpha1", "MeshConfig", MeshConfig.NAME), type, "conditions");
  }

  private GenericKubernetesResource object(String apiVersion, String kind, ObjectName name) {
    return client
        .genericKubernetesResources(apiVersion, kind)
        .inNamespace(name.namespace())
        .withName(name.name())
        .get();
  }

  private static String condition(GenericKubernetesResource object, String type, Object... where) {
    Object[] path = Stream.concat(Stream.of("status"), Stream.of(where)).toArray();
    List<Map<String, Object>> conditions = object.get(path);
    if (conditions == null) {
      return "";
    }
    return conditions.stream()
        .filter(each -> type.equals(each.get("type")))
        .map(each ->
            "%s %s: %s".formatted(each.get("status"), each.get("reason"), each.get("message")))
        .findFirst()
        .orElse("");
  }

  /**
   * As {@code Warning NotAccepted}, of what is in the namespace of the Service. Those of the API
   * server's own are left out: it may warn of a Service whose address it has not noted yet.
   */
  List<String> events(String name) {
    return client.events().v1().events().inNamespace("shop").list().getItems().stream()
        .filter(event -> StatusWriter.CONTROLLER.equals(event.getReportingController()))
        .filter(event -> name.equals(event.getRegarding().getName()))
        .map(event -> event.getType() + " " + event.getReason())
        .toList();
  }

  /** What it tells Prometheus. */
  String metrics() throws Exception {
    InetSocketAddress at = controlPlane.metrics().orElseThrow();
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:%d/metrics".formatted(at.getPort()));
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    channels.close();
    if (asked) {
      api.kubectl("delete", "mutatingwebhookconfiguration", "weir-injector");
      api.kubectl("delete", "validatingwebhookconfiguration", "weir-validation");
    }
    controlPlane.close();
    // Namespaces stay: nobody ends them here.
    api.kubectl("delete", "weir,services,endpointslices", "--all", "--namespace=shop");
    api.kubectl("delete", "pods", "--all", "--namespace=shop", "--force", "--grace-period=0");
    api.kubectl("delete", "events.events.k8s.io", "--all", "--namespace=shop");
    api.kubectl("delete", "nodes", "--all");
    client.close();
    assertEquals(List.of(), mistakes);
  }
}
