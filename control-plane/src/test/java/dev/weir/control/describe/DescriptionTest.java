package dev.weir.control.describe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Pod;
import dev.weir.control.model.PodSlice;
import dev.weir.control.source.file.FolderSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a service, and from where it is. */
class DescriptionTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
      ---
      """;

  @TempDir Path folder;

  private Linked linked(String yaml) throws IOException {
    Files.writeString(folder.resolve("shop.yaml"), SERVICE + yaml);
    return new Sources(List.of(new FolderSource(folder, Clock.systemUTC())), ZoneOffset.UTC).scan();
  }

  private static Description described(Linked linked, Instances instances) {
    return Description.of(
        linked,
        Objects.requireNonNull(linked.model().services().get(new ObjectName("shop", "cart"))),
        instances);
  }

  private String lines(String yaml) throws IOException {
    Linked linked = linked(yaml);
    return String.join(
            "\n", DescriptionReport.lines(described(linked, Instances.named(linked.model()))))
        .replace(folder + "/", "");
  }

  @Test
  void whomStrictWouldRefuseIsSaidWhereBothAreTaken() throws IOException {
    Linked linked = linked("");
    Description description = described(linked, Instances.named(linked.model()));
    assertTrue(description.takesBoth());
    PlainText known =
        new PlainText(
            "pods without a sidecar: 1 of 1 instances of shop/legacy: legacy-0",
            List.of(
                new PlainText.Call(
                    "shop/cart-0",
                    8080,
                    Optional.of("10.0.0.7 (shop/legacy-0)"),
                    3,
                    Instant.parse("2026-03-01T11:59:48.5Z")),
                new PlainText.Call(
                    "shop/cart-0",
                    8080,
                    Optional.empty(),
                    1,
                    Instant.parse("2026-03-01T09:00:00Z"))),
            new TreeMap<>(Map.of("shop/cart-1", "it is Pending")));
    String text = String.join("\n", DescriptionReport.lines(description.with(known)));
    assertTrue(
        text.contains(
            """
              mTLS: Permissive: plain text is taken too, from callers without a sidecar
                Strict would refuse the calls of pods without a sidecar: 1 of 1 instances of shop/legacy: legacy-0
                shop/cart-0 was called in plain text  port 8080  from 10.0.0.7 (shop/legacy-0)  3 times  last at 2026-03-01T11:59:48Z
                shop/cart-0 was called in plain text  port 8080  from others                    1 time   last at 2026-03-01T09:00:00Z
                shop/cart-1 does not say who calls: it is Pending
            """),
        text);
    String fields = DescriptionReport.fields(description.with(known)).get("plainText") + "";
    assertTrue(fields.contains("from=10.0.0.7 (shop/legacy-0), connections=3"), fields);
    assertTrue(
        String.join(
                "\n",
                DescriptionReport.lines(
                    description.with(new PlainText("", List.of(), new TreeMap<>()))))
            .contains("nobody has called in plain text since its sidecars began"));
  }

  @Test
  void whereStrictHoldsNobodyIsAskedWhoCallsInPlainText() throws IOException {
    Linked linked =
        linked(
            """
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: strict, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Namespace, name: shop}], mtls: {mode: Strict}}
            """);
    assertFalse(described(linked, Instances.named(linked.model())).takesBoth());
  }

  @Test
  void sectionComesFromTheMostSpecificPolicyWithItsPlaceAndWhoEnforcesIt() throws IOException {
    assertEquals(
        """
        Service shop/cart (shop.yaml:1)
          mTLS: Strict: plain text is refused
          instances: none: nothing that is known here has the labels of its selector

        port 80 (http), HTTP, to its instances' 8080
          timeouts                   callers' sidecars  ResiliencePolicy shop/cart (shop.yaml:6) on Service shop/cart       request: 2s
          retry                      callers' sidecars  ResiliencePolicy shop/all (shop.yaml:11) on Namespace shop          attempts: 1
          mtls                       its own sidecars   AuthenticationPolicy shop/strict (shop.yaml:16) on Namespace shop   mode: Strict
          rules                      its own sidecars   AuthorizationPolicy shop/cart (shop.yaml:21) on Service shop/cart   action: Allow, rules: [{from: [{serviceAccounts: [shop/frontend]}]}]
          limits[per-user] (Shadow)  its own sidecars   RateLimitPolicy shop/cart (shop.yaml:29) on Service shop/cart http  name: per-user, scope: Replica, rate: 10/s, burst: 5\
        """,
        lines(
            """
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: cart, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Service, name: cart}], timeouts: {request: 2s}}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: all, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Namespace, name: shop}], timeouts: {request: 9s}, retry: {attempts: 1}}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: strict, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Namespace, name: shop}], mtls: {mode: Strict}}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: AuthorizationPolicy
            metadata: {name: cart, namespace: shop}
            spec:
              targetRefs: [{group: "", kind: Service, name: cart}]
              action: Allow
              rules: [{from: [{serviceAccounts: [shop/frontend]}]}]
            ---
            apiVersion: weir.dev/v1alpha1
            kind: RateLimitPolicy
            metadata: {name: cart, namespace: shop}
            spec:
              targetRefs: [{group: "", kind: Service, name: cart, sectionName: http}]
              mode: Shadow
              limits: [{name: per-user, scope: Replica, rate: 10/s, burst: 5}]
            """));
  }

  @Test
  void serviceThatLeadsOutSaysByWhatTlsItIsCalled() throws IOException {
    Linked linked =
        linked(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: api, namespace: shop}
            spec: {type: ExternalName, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: BackendTLSPolicy
            metadata: {name: api, namespace: shop}
            spec:
              targetRefs: [{group: "", kind: Service, name: api}]
              validation:
                hostname: api.example.com
                wellKnownCACertificates: System
                subjectAltNames: [{type: URI, uri: "spiffe://example.com/api"}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: BackendTLSPolicy
            metadata: {name: gone, namespace: shop}
            spec:
              targetRefs: [{group: "", kind: Service, name: api, sectionName: http}]
              validation: {hostname: api.example.com, caCertificateRefs: [{group: "", kind: ConfigMap, name: gone}]}
            """);
    Description description =
        Description.of(
            linked,
            Objects.requireNonNull(linked.model().services().get(new ObjectName("shop", "api"))),
            Instances.named(linked.model()));
    String lines =
        String.join("\n", DescriptionReport.lines(description)).replace(folder + "/", "");
    assertTrue(
        lines.contains(
            "tls  callers' sidecars  BackendTLSPolicy shop/gone (shop.yaml:21) on Service shop/api"
                + " http  hostname: api.example.com, connections: fail, for there is nobody to"
                + " trust"),
        lines);
    assertTrue(lines.contains("caCertificateRefs[0]: ConfigMap shop/gone does not exist"), lines);
  }

  @Test
  void ruleWithSessionsSaysWhereTheClientKeepsThem() throws IOException {
    String lines =
        lines(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: cart, namespace: shop}
            spec:
              parentRefs: [{group: "", kind: Service, name: cart}]
              rules:
              - backendRefs: [{name: cart, port: 80}]
                sessionPersistence: {sessionName: X-Cart, type: Header}
            """);
    assertTrue(
        lines.contains("sessionPersistence  callers' sidecars  HTTPRoute shop/cart (shop.yaml:6)"),
        lines);
    assertTrue(lines.contains("type: Header, sessionName: X-Cart"), lines);
  }

  @Test
  void ruleOfARouteSaysWhatHoldsByItAlone() throws IOException {
    String lines =
        lines(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: cart, namespace: shop}
            spec:
              parentRefs: [{group: "", kind: Service, name: cart}]
              rules:
              - name: slow
                matches: [{path: {type: PathPrefix, value: /slow}, method: POST}]
                backendRefs: [{name: cart, port: 80}]
                timeouts: {request: 30s}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: slow, namespace: shop}
            spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: cart, sectionName: slow}], timeouts: {request: 7s}, retry: {attempts: 3}}
            """);
    assertEquals(
        List.of(
            "  by HTTPRoute shop/cart (shop.yaml:6), slow",
            "    POST /slow[/*] -> shop/cart:80",
            "    timeouts  callers' sidecars  HTTPRoute shop/cart (shop.yaml:6) on HTTPRoute"
                + " shop/cart slow          request: 30s",
            "    retry     callers' sidecars  ResiliencePolicy shop/slow (shop.yaml:17) on HTTPRoute"
                + " shop/cart slow  attempts: 3"),
        lines.lines().skip(6).toList());
  }

  @Test
  void whatIsRefusedInTheNamespaceIsSaidToo() throws IOException {
    String lines =
        lines(
            """
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: lost, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Service, name: crt}], timeouts: {request: 2s}}
            """);
    assertTrue(lines.contains("no policy holds: calls pass as they are"), lines);
    assertTrue(
        lines.contains("ResiliencePolicy shop/lost: spec.targetRefs[0].name: Service shop/crt"),
        lines);
  }

  @Test
  void podsWithoutASidecarAreSaidToEnforceNothing() throws IOException {
    Linked linked = linked("");
    Pod meshed =
        new Pod(
            new ObjectName("shop", "cart-0"),
            Optional.of("10.0.0.1"),
            "cart",
            Map.of("app", "cart"),
            true,
            "",
            true);
    Pod bare =
        new Pod(
            new ObjectName("shop", "cart-1"),
            Optional.of("10.0.0.2"),
            "cart",
            Map.of("app", "cart"),
            false,
            "",
            true);
    Pod other =
        new Pod(
            new ObjectName("shop", "stock-0"), Optional.empty(), "stock", Map.of(), true, "", true);
    PodSlice slice =
        new PodSlice(
            new ObjectName("shop", "cart-a"),
            new ObjectName("shop", "cart"),
            Map.of("http", List.of(8080)),
            Set.of("10.0.0.1"),
            Set.of(),
            Map.of());
    Description description =
        described(linked, Instances.running(List.of(bare, other, meshed), List.of(slice)));
    assertEquals(
        List.of("shop/cart-0", "shop/cart-1"),
        description.instances().stream().map(Instance::name).toList());
    assertTrue(
        DescriptionReport.lines(description)
            .contains(
                "  instances: 1 of 2 ready; 1 of 2 without a sidecar: what its own sidecars enforce"
                    + " does not hold there"));
  }

  @Test
  void programsGetAllOfAValue() throws IOException {
    Linked linked =
        linked(
            """
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: cart, namespace: shop}
            spec:
              targetRefs: [{group: "", kind: Service, name: cart}]
              circuitBreaker: {trip: {consecutiveFailures: 4}, openFor: 5s, probes: 3}
            """);
    Description.Told told =
        described(linked, Instances.named(linked.model())).ports().getFirst().holdings().getFirst();
    assertEquals(
        Map.of("trip", Map.of("consecutiveFailures", 4)), Written.of(told.holding().value()));
  }

  @Test
  void ofServicesWithTheSamePodsTheStrictestModeIsWhatHolds() throws IOException {
    String text =
        lines(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: other, namespace: shop}
            spec: {selector: {app: cart}, ports: [{name: http, port: 81, targetPort: 8080}]}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: strict, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Service, name: other}], mtls: {mode: Strict}}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: plain, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Service, name: cart}], mtls: {mode: Disabled}}
            """);
    assertTrue(text.contains("mTLS: Strict: plain text is refused"), text);
    assertTrue(text.contains("overruled by AuthenticationPolicy shop/strict"), text);
  }
}
