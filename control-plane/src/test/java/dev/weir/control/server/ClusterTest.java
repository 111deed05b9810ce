package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Empty;
import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.tls.ServerTls;
import dev.weir.testkit.Await;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.grpc.CallOptions;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control plane of a real API server, with a pod's sidecar over real TLS. */
@Tag("kubernetes")
class ClusterTest {
  private static final String CART = "ResiliencePolicy shop/cart";
  private static final String LOST = "ResiliencePolicy shop/lost";

  @TempDir Path folder;
  private ClusterMesh mesh;

  @SuppressWarnings("NullAway.Init")
  ClusterTest() {}

  @BeforeEach
  void start() throws Exception {
    mesh = new ClusterMesh(folder);
  }

  @AfterEach
  void stop() throws Exception {
    mesh.close();
  }

  private void awaitCondition(String policy, String type, String said) {
    Await.until(
        () -> mesh.condition("ResiliencePolicy", policy, type).equals(said),
        () -> mesh.condition("ResiliencePolicy", policy, type) + " of " + policy);
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

  @Tag("tls")
  @Test
  void sidecarOfAPodGetsItsServiceAndResourcesSayWhatBecameOfThem() throws Exception {
    awaitCondition(
        "lost",
        "Accepted",
        "False TargetNotFound: spec.targetRefs[0].name: Service shop/crt does not exist; did you"
            + " mean \"cart\"?");
    Await.until(
        () -> mesh.events("lost").equals(List.of("Warning NotAccepted")),
        () -> mesh.events("lost") + ", told: " + mesh.told);
    awaitCondition("cart", "Programmed", "False NoProxies: no connected proxy is concerned");
    try (DeltaClient sidecar = mesh.sidecar("cart-account")) {
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
      mesh.apply(ClusterMesh.SHOP.formatted("false"));
      assertEquals(List.of(), addresses(sidecar.nextAcked(ResourceType.ENDPOINTS)));
    }
    awaitCondition("cart", "Programmed", "False NoProxies: no connected proxy is concerned");
    assertEquals(List.of(), mesh.events("cart")); // nothing was wrong with it
  }

  @Test
  void podOnANodeInAZoneHasTheInstancesThereFirst() throws Exception {
    mesh.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: stock, namespace: shop}
        spec: {trafficDistribution: PreferClose, ports: [{name: http, port: 80, targetPort: 8080}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: stock-1, namespace: shop, labels: {kubernetes.io/service-name: stock}}
        addressType: IPv4
        ports: [{name: http, port: 8080, protocol: TCP}]
        endpoints:
        - {addresses: [10.244.0.6], conditions: {ready: true}, zone: b}
        - {addresses: [10.244.0.7], conditions: {ready: true}, zone: a}
        """);
    try (DeltaClient sidecar = mesh.sidecar("cart-account")) {
      sidecar.subscribe(ResourceType.ENDPOINTS, "outbound|80|shop/stock");
      DeltaDiscoveryResponse response = sidecar.nextAcked(ResourceType.ENDPOINTS);
      assertEquals(
          List.of(0, 1),
          response
              .getResources(0)
              .getResource()
              .unpack(ClusterLoadAssignment.class)
              .getEndpointsList()
              .stream()
              .map(LocalityLbEndpoints::getPriority)
              .toList());
      assertEquals(List.of("10.244.0.7", "10.244.0.6"), addresses(response));
    }
  }

  @Test
  void keysInAConfigMapHoldAsSoonAsTheyAreThereAndFollowIt() throws Exception {
    mesh.apply(
        """
        apiVersion: weir.dev/v1alpha1
        kind: AuthenticationPolicy
        metadata: {name: tokens, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: cart}]
          jwt: {providers: [{name: a, issuer: a, jwks: {configMapRef: {name: idp, key: jwks.json}}}]}
        """);
    String keys =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: idp, namespace: shop}
        data: {jwks.json: '{"keys": [{"kty": "oct", "k": "%s"}]}'}
        """;
    try (DeltaClient sidecar = mesh.sidecar("cart-account")) {
      sidecar.subscribe(ResourceType.LISTENER, "*");
      String listeners = sidecar.nextAcked(ResourceType.LISTENER).toString();
      assertTrue(!listeners.contains("keys"), listeners);
      mesh.apply(keys.formatted("AAAA".repeat(11)));
      listeners = sidecar.nextAcked(ResourceType.LISTENER).toString();
      assertTrue(listeners.contains("AAAA"), listeners);
      mesh.apply(keys.formatted("BBBB".repeat(11)));
      listeners = sidecar.nextAcked(ResourceType.LISTENER).toString();
      assertTrue(listeners.contains("BBBB"), listeners);
    } finally {
      mesh.api.kubectl("-n", "shop", "delete", "authenticationpolicy/tokens", "configmap/idp");
    }
  }

  /** As the one that writes the status asks the others. */
  @Tag("tls")
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
    List<String> silent = Collections.synchronizedList(new ArrayList<>());
    InetSocketAddress address = mesh.controlPlane.listen();
    PolicyReach.Part behind = new PolicyReach.Part(Map.of(), Map.of(CART, "0"));
    try (ServerTls tls = new ServerTls(authority, List.of(), Clock.systemUTC(), line -> {});
        OtherControlPlanes others =
            new OtherControlPlanes(tls.clientContext(), System::nanoTime, silent::add);
        DeltaClient sidecar = mesh.sidecar("cart-account")) {
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
                      mesh.channels.first(),
                      ReachService.LOOK,
                      CallOptions.DEFAULT,
                      Empty.getDefaultInstance()));
      assertEquals("PERMISSION_DENIED: it is told to control planes", refused.getMessage());
    }
  }

  @Test
  void podWithoutASidecarIsSaidToBeUnprotected() throws Exception {
    mesh.apply(
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
    assertEquals("", mesh.condition("ResiliencePolicy", "cart", "PartiallyProgrammed"));
    mesh.api.kubectl("delete", "endpointslice", "cart-2", "--namespace=shop");
    awaitCondition("few", "PartiallyProgrammed", "");
  }

  @Test
  void podWithoutASidecarIsSaidToCallPastWhatCallersEnforce() throws Exception {
    String nobody = "False NoProxies: no connected proxy is concerned";
    awaitCondition("cart", "Programmed", nobody);
    mesh.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: batch, namespace: shop, labels: {weir.dev/inject: disabled}}
        spec: {serviceAccountName: other, containers: [{name: app, image: app}]}
        """);
    mesh.api.kubectl(
        "patch",
        "pod/batch",
        "--namespace=shop",
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\": {\"podIP\": \"10.244.0.9\", \"conditions\": [{\"type\": \"ContainersReady\","
            + " \"status\": \"True\"}]}}");
    awaitCondition(
        "cart",
        "Programmed",
        nobody
            + "; namespace shop has pods without a sidecar, whose calls go past it (weir status -n"
            + " shop names them)");
    mesh.api.kubectl("delete", "pod/batch", "--namespace=shop", "--force", "--grace-period=0");
    awaitCondition("cart", "Programmed", nobody);
  }

  /** Before it is switched on, whom Strict would refuse; then, whom it refuses. */
  @Test
  void podWithoutASidecarIsSaidToBeRefusedByStrictBeforeItIs() throws Exception {
    mesh.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: legacy, namespace: shop}
        spec: {ports: [{name: http, port: 80}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: legacy-1, namespace: shop, labels: {kubernetes.io/service-name: legacy}}
        addressType: IPv4
        ports: [{name: http, port: 8080, protocol: TCP}]
        endpoints: [{addresses: [10.244.0.7], conditions: {ready: true}}]
        """);
    String callers =
        "the calls of pods without a sidecar: 1 of 1 instances of shop/legacy: 10.244.0.7; weir"
            + " describe says who has called a service in plain text";
    mtls("Permissive");
    awaitSaid("; Strict would refuse " + callers);
    mtls("Strict");
    awaitSaid("; refuses " + callers);
    mesh.api.kubectl("delete", "endpointslice/legacy-1", "--namespace=shop");
    Await.until(() -> !mtlsSaid().contains("refuses"), this::mtlsSaid);
    mesh.api.kubectl("delete", "service/legacy", "authenticationpolicy/mtls", "--namespace=shop");
  }

  private void mtls(String mode) throws IOException {
    mesh.apply(
        """
        apiVersion: weir.dev/v1alpha1
        kind: AuthenticationPolicy
        metadata: {name: mtls, namespace: shop}
        spec: {targetRefs: [{group: "", kind: Service, name: cart}], mtls: {mode: %s}}
        """
            .formatted(mode));
  }

  private String mtlsSaid() {
    return mesh.condition("AuthenticationPolicy", "mtls", "Programmed");
  }

  private void awaitSaid(String end) {
    Await.until(() -> mtlsSaid().endsWith(end), this::mtlsSaid);
  }

  @Tag("tls")
  @Test
  void anotherAccountIsNotThePod() throws Exception {
    try (DeltaClient sidecar = mesh.sidecar("other")) {
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

  /** As when another webhook adds a container, and the API server asks again. */
  @Test
  void containerThatIsAddedToAnInjectedPodIsProbedThroughTheSidecar() throws Exception {
    mesh.beAsked();
    mesh.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: fresh, namespace: shop}
        spec: {serviceAccountName: other, containers: [{name: app, image: app}]}
        """);
    Pod injected = mesh.client.pods().inNamespace("shop").withName("fresh").get();
    Pod more =
        new PodBuilder(injected)
            .withMetadata(
                new ObjectMetaBuilder()
                    .withName("more")
                    .withNamespace("shop")
                    .withAnnotations(injected.getMetadata().getAnnotations())
                    .build())
            .withStatus(null)
            .editSpec()
            .addNewContainer()
            .withName("late")
            .withImage("late")
            .withNewReadinessProbe()
            .withNewHttpGet()
            .withPath("/late")
            .withNewPort(7001)
            .endHttpGet()
            .endReadinessProbe()
            .endContainer()
            .endSpec()
            .build();
    Pod made = mesh.client.resource(more).create();
    String path =
        made.getSpec().getContainers().getLast().getReadinessProbe().getHttpGet().getPath();
    assertTrue(path.matches("/probe/[0-9a-f]{32}/late/readinessProbe"), path);
    assertEquals(
        "--probe=http:7001:/late=" + path.substring("/probe/".length()),
        made.getSpec().getInitContainers().get(1).getArgs().getLast());
  }

  @Tag("tls")
  @Test
  void apiServerAsksAboutPodsAndPolicies() throws Exception {
    mesh.beAsked();
    try {
      mesh.apply(
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: fresh, namespace: shop}
          spec: {serviceAccountName: other, containers: [{name: app, image: app}]}
          """);
      var pod = mesh.client.pods().inNamespace("shop").withName("fresh").get();
      assertEquals(
          List.of("weir-init", "weir-sidecar"),
          pod.getSpec().getInitContainers().stream().map(each -> each.getName()).toList());
      Map<String, String> roots =
          mesh.client.configMaps().inNamespace("shop").withName("weir-roots").get().getData();
      assertTrue(String.valueOf(roots.get("root-cert.pem")).contains("BEGIN CERTIFICATE"));
      AssertionError refused =
          assertThrows(
              AssertionError.class,
              () ->
                  mesh.apply(
                      """
                      apiVersion: weir.dev/v1alpha1
                      kind: AuthenticationPolicy
                      metadata: {name: wrong, namespace: shop}
                      spec:
                        targetRefs: [{group: "", kind: Service, name: cart}]
                        jwt: {tokens: Required, providers: [{name: idp, issuer: "https://idp.example", audiences: [shop], jwks: {inline: "no keys"}}]}
                      """));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("policies.validation.weir.dev"),
          refused.toString());
      String metrics = mesh.metrics();
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
      mesh.api.kubectl(
          "delete", "pod", "fresh", "--namespace=shop", "--ignore-not-found", "--force");
    }
  }
}
