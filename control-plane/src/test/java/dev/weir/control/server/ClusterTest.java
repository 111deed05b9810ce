package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Empty;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.control.ControlPlane;
import dev.weir.control.Settings;
import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.injector.Injection;
import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.testkit.Await;
import dev.weir.testkit.KubeApi;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.net.http.HttpRequest;
import java.net.http.HttpClient;
import java.net.URI;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control plane of a real API server, with a pod's sidecar over real TLS. */
@Tag("kubernetes")
class ClusterTest {
  private static final String SHOP =
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

  private static final String CART = "ResiliencePolicy shop/cart";
  private static final String LOST = "ResiliencePolicy shop/lost";

  @TempDir Path folder;

  private final KubeApi api = KubeApi.shared();
  private final List<Throwable> mistakes = Collections.synchronizedList(new ArrayList<>());
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final int webhook = free();
  private KubernetesClient client;
  private @Nullable ControlPlane controlPlane;

  @SuppressWarnings("NullAway.Init")
  ClusterTest() throws IOException {}

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @BeforeEach
  void start() throws Exception {
    client = KubernetesClients.of(Optional.of(api.kubeconfig()), Optional.empty());
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
    controlPlane =
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

  @AfterEach
  void stop() throws Exception {
    for (ManagedChannel channel : channels) {
      channel.shutdownNow();
      assertTrue(channel.awaitTermination(20, TimeUnit.SECONDS));
    }
    if (controlPlane != null) {
      controlPlane.close();
    }
    // Namespaces stay: nobody ends them here.
    api.kubectl(
        "delete", "services,endpointslices,resiliencepolicies", "--all", "--namespace=shop");
    api.kubectl("delete", "pods", "--all", "--namespace=shop", "--force", "--grace-period=0");
    api.kubectl("delete", "events.events.k8s.io", "--all", "--namespace=shop");
    client.close();
    assertEquals(List.of(), mistakes);
  }

  private void apply(String yaml) throws IOException {
    Path file = Files.createTempFile(folder, "apply", ".yaml");
    Files.writeString(file, yaml);
    api.kubectl("apply", "-f", file.toString());
  }

  private DeltaClient sidecar(String account) throws IOException {
    String token =
        api.kubectl("create", "token", account, "--namespace=shop", "--audience=weir").strip();
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(Objects.requireNonNull(controlPlane).listen())
            .overrideAuthority("localhost")
            .sslContext(
                GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                    .trustManager(folder.resolve("ca/root-cert.pem").toFile())
                    .build())
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
            .build();
    channels.add(channel);
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
  private String condition(String policy, String type) {
    GenericKubernetesResource object =
        client
            .genericKubernetesResources("weir.dev/v1alpha1", "ResiliencePolicy")
            .inNamespace("shop")
            .withName(policy)
            .get();
    List<Map<String, Object>> conditions = object.get("status", "ancestors", 0, "conditions");
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

  private List<String> events(String policy) {
    return client.events().v1().events().inNamespace("shop").list().getItems().stream()
        .filter(event -> policy.equals(event.getRegarding().getName()))
        .map(event -> event.getType() + " " + event.getReason())
        .toList();
  }

  private void awaitCondition(String policy, String type, String said) {
    Await.until(
        () -> condition(policy, type).equals(said),
        () -> condition(policy, type) + " of " + policy);
  }

  private static List<String> addresses(DeltaDiscoveryResponse response) throws IOException {
    List<String> addresses = new ArrayList<>();
    for (var resource : response.getResourcesList()) {
      resource
          .getResource()
          .unpack(ClusterLoadAssignment.class)
          .getEndpointsList()
          .forEach(of ->
              of.getLbEndpointsList()
                  .forEach(endpoint ->
                      addresses.add(
                          endpoint.getEndpoint().getAddress().getSocketAddress().getAddress())));
    }
    return addresses;
  }

  @Test
  void sidecarOfAPodGetsItsServiceAndResourcesSayWhatBecameOfThem() throws Exception {
    awaitCondition(
        "lost",
        "Accepted",
        "False TargetNotFound: spec.targetRefs[0].name: Service shop/crt does not exist; did you"
            + " mean \"cart\"?");
    Await.until(
        () -> events("lost").equals(List.of("Warning NotAccepted")),
        () -> events("lost") + ", told: " + told);
    awaitCondition("cart", "Programmed", "False NoProxies: no connected proxy is concerned");
    try (DeltaClient sidecar = sidecar("cart-account")) {
      sidecar.subscribe(ResourceType.LISTENER, "*");
      String listeners = sidecar.nextAcked(ResourceType.LISTENER).toString();
      assertTrue(listeners.contains("inbound|80|shop/cart"), listeners);
      sidecar.subscribe(ResourceType.ROUTES, "outbound|80|shop/cart");
      DeltaDiscoveryResponse routes = sidecar.next(ResourceType.ROUTES);
      awaitCondition("cart", "Programmed", "False Pending: in force in 0 of 1 proxies");
      sidecar.ack(routes);
      awaitCondition("cart", "Programmed", "True Programmed: in force in 1 of 1 proxies");
      sidecar.subscribe(ResourceType.ENDPOINTS, "outbound|80|shop/cart");
      assertEquals(List.of("10.244.0.5"), addresses(sidecar.nextAcked(ResourceType.ENDPOINTS)));
      apply(SHOP.formatted("false"));
      assertEquals(List.of(), addresses(sidecar.nextAcked(ResourceType.ENDPOINTS)));
    }
    awaitCondition("cart", "Programmed", "False NoProxies: no connected proxy is concerned");
    assertEquals(List.of(), events("cart")); // nothing was wrong with it
  }

  /** As the one that writes the status asks the others. */
  @Test
  void controlPlanesAndNobodyElseAreToldHowFarPoliciesHaveCome() throws Exception {
    CertificateAuthority authority =
        new CertificateAuthority(
            folder.resolve("ca"),
            "cluster.local",
            Clock.systemUTC(),
            System::nanoTime,
            SecureRandom.getInstance("DRBG"),
            line -> {});
    ServerTls tls = new ServerTls(authority, List.of(), Clock.systemUTC(), line -> {});
    List<String> silent = Collections.synchronizedList(new ArrayList<>());
    InetSocketAddress address = Objects.requireNonNull(controlPlane).listen();
    PolicyReach.Part behind = new PolicyReach.Part(Map.of(), Map.of(CART, "0"));
    try (OtherControlPlanes others =
            new OtherControlPlanes(tls.clientContext(), System::nanoTime, silent::add);
        DeltaClient sidecar = sidecar("cart-account")) {
      sidecar.subscribe(ResourceType.LISTENER, "*");
      sidecar.nextAcked(ResourceType.LISTENER);
      sidecar.subscribe(ResourceType.ROUTES, "outbound|80|shop/cart");
      sidecar.nextAcked(ResourceType.ROUTES);
      awaitCondition("cart", "Programmed", "True Programmed: in force in 1 of 1 proxies");
      SortedMap<String, Optional<PolicyReach.Part>> said = others.ask(Map.of("weir-b", address));
      PolicyReach.Part part = Objects.requireNonNull(said.get("weir-b")).orElseThrow();
      assertEquals(Set.of(CART, LOST), part.versions().keySet());
      PolicyReach.Part same = new PolicyReach.Part(Map.of(), part.versions());
      assertEquals(1, same.of(CART, said).applied());
      assertEquals(
          "0 of 1 {weir-b=has not read it yet}",
          "%d of %d %s"
              .formatted(
                  behind.of(CART, said).applied(),
                  behind.of(CART, said).concerned(),
                  behind.of(CART, said).unheard()));
      assertEquals(List.of(), silent);

      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      channels.getFirst(),
                      ReachService.LOOK,
                      CallOptions.DEFAULT,
                      Empty.getDefaultInstance()));
      assertEquals("PERMISSION_DENIED: it is told to control planes", refused.getMessage());
    }
  }

  @Test
  void podWithoutASidecarIsSaidToBeUnprotected() throws Exception {
    apply(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: cart-2, namespace: shop, labels: {kubernetes.io/service-name: cart}}
        addressType: IPv4
        ports: [{name: http, port: 8080, protocol: TCP}]
        endpoints: [{addresses: [10.244.0.6], conditions: {ready: true}}]
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: few, namespace: shop}
        spec: {targetRefs: [{group: "", kind: Namespace, name: shop}], concurrency: {maxRequests: 5}}
        """);
    awaitCondition(
        "few",
        "PartiallyProgrammed",
        "True NoSidecar: no sidecar enforces it for 1 of 2 instances of shop/cart: 10.244.0.6");
    assertEquals("", condition("cart", "PartiallyProgrammed"));
    api.kubectl("delete", "endpointslice", "cart-2", "--namespace=shop");
    awaitCondition("few", "PartiallyProgrammed", "");
  }

  @Test
  void anotherAccountIsNotThePod() throws Exception {
    try (DeltaClient sidecar = sidecar("other")) {
      sidecar.subscribe(ResourceType.LISTENER, "*");
      String refused =
          assertThrows(AssertionError.class, () -> sidecar.next(ResourceType.LISTENER)).toString();
      assertTrue(
          refused.contains(
              "spiffe://cluster.local/ns/shop/sa/other may not stand in pod shop/cart-0, which runs"
                  + " as service account shop/cart-account"),
          refused);
    }
  }

  private String metrics() throws Exception {
    InetSocketAddress at = Objects.requireNonNull(controlPlane).metrics().orElseThrow();
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:%d/metrics".formatted(at.getPort()));
      return http.send(
              HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void apiServerAsksAboutPodsAndPolicies() throws Exception {
    apply(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingWebhookConfiguration
        metadata: {name: weir-injector, labels: {weir.dev/webhook: "true"}}
        webhooks:
        - name: inject.weir.dev
          clientConfig: {url: "https://localhost:%d/inject"}
          admissionReviewVersions: [v1]
          sideEffects: NoneOnDryRun
          reinvocationPolicy: IfNeeded
          rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
          namespaceSelector: {matchLabels: {weir.dev/inject: enabled}}
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: weir-validation, labels: {weir.dev/webhook: "true"}}
        webhooks:
        - name: validate.weir.dev
          clientConfig: {url: "https://localhost:%d/validate"}
          admissionReviewVersions: [v1]
          sideEffects: None
          rules: [{operations: [CREATE, UPDATE], apiGroups: [weir.dev], apiVersions: [v1alpha1], resources: ["*"]}]
        """
            .formatted(webhook, webhook));
    try {
      Await.until(() -> {
        var configuration =
            client
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName("weir-injector")
                .get();
        return configuration.getWebhooks().getFirst().getClientConfig().getCaBundle() != null;
      });
      apply(
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: fresh, namespace: shop}
          spec: {serviceAccountName: other, containers: [{name: app, image: app}]}
          """);
      var pod = client.pods().inNamespace("shop").withName("fresh").get();
      assertEquals(
          List.of("weir-init", "weir-sidecar"),
          pod.getSpec().getInitContainers().stream().map(each -> each.getName()).toList());
      Map<String, String> roots =
          client.configMaps().inNamespace("shop").withName("weir-roots").get().getData();
      assertTrue(String.valueOf(roots.get("root-cert.pem")).contains("BEGIN CERTIFICATE"));
      AssertionError refused =
          assertThrows(
              AssertionError.class,
              () ->
                  apply(
                      """
                      apiVersion: weir.dev/v1alpha1
                      kind: AuthenticationPolicy
                      metadata: {name: wrong, namespace: shop}
                      spec:
                        targetRefs: [{group: "", kind: Service, name: cart}]
                        jwt: {tokens: Required, providers: [{name: idp, issuer: "https://idp.example", audiences: [shop], jwks: {inline: "no keys"}}]}
                      """));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("validate.weir.dev"), refused.toString());
      String metrics = metrics();
      for (String line :
          List.of(
              "weir_admission_reviews_total{answer=\"patched\",webhook=\"inject\"} 1.0",
              "weir_admission_reviews_total{answer=\"refused\",webhook=\"validate\"} 1.0",
              "weir_ca_not_after_timestamp_seconds ",
              "weir_certificates_issued_total ",
              "weir_certificates_refused_total{reason=\"rate\"} 0.0",
              "weir_leader ")) {
        assertTrue(metrics.lines().anyMatch(one -> one.startsWith(line)), line + metrics);
      }
    } finally {
      api.kubectl("delete", "mutatingwebhookconfiguration", "weir-injector");
      api.kubectl("delete", "validatingwebhookconfiguration", "weir-validation");
      api.kubectl("delete", "pod", "fresh", "--namespace=shop", "--ignore-not-found", "--force");
    }
  }
}
