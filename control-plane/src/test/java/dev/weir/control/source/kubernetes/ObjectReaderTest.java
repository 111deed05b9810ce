package dev.weir.control.source.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.weir.control.source.resource.Resource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectReaderTest {
  private static final ConfigKind SERVICE = kind("Service");
  private static final ConfigKind RESILIENCE = kind("ResiliencePolicy");

  private final ObjectReader reader = new ObjectReader(Clock.systemUTC());

  private static ConfigKind kind(String name) {
    return ConfigKind.ALL.stream().filter(one -> one.kind().equals(name)).findFirst().orElseThrow();
  }

  private ObjectVersion read(ConfigKind kind, String yaml) {
    return reader.read(
        kind, new KubernetesSerialization().unmarshal(yaml, GenericKubernetesResource.class));
  }

  @Test
  void fieldsOfKubernetesThatAreNotKnownHereArePassedOver() {
    ObjectVersion version =
        read(
            SERVICE,
            """
            apiVersion: v1
            kind: Service
            metadata: {name: cart, namespace: shop, resourceVersion: "7", uid: a, newer: field}
            spec: {clusterIP: 10.96.0.7, ports: [{name: http, port: 80, newer: 1}], newer: {a: b}}
            status: {loadBalancer: {}}
            """);
    assertEquals(List.of(), version.findings());
    Resource.OfService of =
        assertInstanceOf(Resource.OfService.class, version.resources().getFirst());
    assertEquals("10.96.0.7", of.service().clusterIp().orElseThrow());
  }

  @Test
  void serviceWithoutPortsSaysNothing() {
    ObjectVersion version =
        read(
            SERVICE,
            """
            apiVersion: v1
            kind: Service
            metadata: {name: cart, namespace: shop, resourceVersion: "7"}
            spec: {clusterIP: None}
            """);
    assertEquals(List.of(), version.resources());
    assertEquals(List.of(), version.findings());
  }

  @Test
  void routeOfGatewaysAloneSaysNothingAndOneThatIsTheMeshsTooIsRead() {
    String route =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: cart, namespace: shop, uid: a, generation: 1}
        spec:
          parentRefs:
          - {group: gateway.networking.k8s.io, kind: Gateway, name: front}
        """;
    ObjectVersion ofGateway = read(kind("HTTPRoute"), route);
    assertEquals(List.of(), ofGateway.resources());
    assertEquals(List.of(), ofGateway.findings());
    ObjectVersion ofBoth =
        read(kind("HTTPRoute"), route + "  - {group: \"\", kind: Service, name: cart}\n");
    Resource.OfRoute of = assertInstanceOf(Resource.OfRoute.class, ofBoth.resources().getFirst());
    assertEquals(List.of(1), of.parents().stream().map(Resource.ParentRef::index).toList());
  }

  @Test
  void whatIsWrongIsToldByTheObjectsName() {
    ObjectVersion version =
        read(
            RESILIENCE,
            """
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: cart, namespace: shop, resourceVersion: "7"}
            spec: {targetRefs: [{group: "", kind: Service, name: cart}], timeouts: {requst: 2s}}
            """);
    assertEquals(
        List.of(
            "ResiliencePolicy shop/cart: spec.timeouts.requst: unknown field; did you mean"
                + " \"request\"?"),
        version.findings().stream().map(Object::toString).toList());
    assertEquals(List.of(), version.resources());
  }

  @Test
  void versionsOfOneObjectDiffer() {
    String yaml =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop, resourceVersion: "%s"}
        spec: {ports: [{name: http, port: 80}]}
        """;
    ObjectVersion first = read(SERVICE, yaml.formatted("1"));
    assertEquals(true, first.same(read(SERVICE, yaml.formatted("1"))));
    assertEquals(false, first.same(read(SERVICE, yaml.formatted("2"))));
  }
}
