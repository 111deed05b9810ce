package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import dev.weir.control.Meshes;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.ProxyKind.ListenerPorts;
import dev.weir.control.model.ObjectName;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom a node's metadata may say it is. */
class ProxyReaderTest {
  private static final List<ObjectName> SERVICES = List.of(new ObjectName("shop", "a"));

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.300", "0.0.0.0", "10.0.0", "::1", "localhost"})
  void addressThatNobodyCanCallIsRefused(String address) {
    StatusException refusal =
        assertThrows(StatusException.class, () -> read(Nodes.sidecar("x", "a", address), SERVICES));
    assertEquals(
        "node.metadata.WEIR_ADDRESS: \""
            + address
            + "\" is not an IPv4 address that others can call",
        refusal.getStatus().getDescription());
  }

  @Test
  void loopbackIsAnAddressOnThisMachine() throws StatusException {
    assertEquals(
        Optional.of("127.0.0.1"), read(Nodes.sidecar("x", "a", "127.0.0.1"), SERVICES).address());
  }

  private static Node.Builder node(String field, Value value) {
    Node.Builder node = Nodes.sidecar("x", "a", "10.0.0.1").toBuilder();
    node.getMetadataBuilder().putFields(field, value);
    return node;
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }

  private static String refusal(Node.Builder node, List<ObjectName> services) {
    return assertThrows(StatusException.class, () -> read(node.build(), services))
        .getStatus()
        .getDescription();
  }

  @ParameterizedTest
  @CsvSource({
    "WEIR_OUTBOUND_PORT, 65536, 65535",
    "WEIR_OUTBOUND_PORT, -1, 65535",
    "WEIR_INBOUND_PORT, 1.5, 65535",
    "WEIR_MARK, 2147483648, 2147483647"
  })
  void numberThatCannotBeIsRefused(String field, double value, String most) {
    assertEquals(
        "node.metadata." + field + " must be a whole number from 0 to " + most,
        refusal(node(field, number(value)), SERVICES));
  }

  @Test
  void textIsNoNumberAndANumberNoText() {
    assertEquals(
        "node.metadata.WEIR_MARK must be a whole number from 0 to 2147483647",
        refusal(node("WEIR_MARK", Value.newBuilder().setStringValue("1").build()), SERVICES));
    assertEquals(
        "node.metadata.WEIR_SERVICE must be a text of 1 to 253 printable characters",
        refusal(node("WEIR_SERVICE", number(1)), SERVICES));
    assertEquals(
        "node.metadata.WEIR_NAMESPACE must be a text of 1 to 253 printable characters",
        refusal(node("WEIR_NAMESPACE", Value.newBuilder().setStringValue("").build()), SERVICES));
    assertEquals(
        "node.metadata.WEIR_SERVICE must be a text of 1 to 253 printable characters",
        refusal(
            node("WEIR_SERVICE", Value.newBuilder().setStringValue("a".repeat(1 << 20)).build()),
            SERVICES),
        "what it said is not said back");
  }

  @Test
  void portsAndMarkAreTheNodesWhereItNamesThem() throws StatusException {
    ProxyKind kind = read(Nodes.sidecar("x", "a", "10.0.0.1"), SERVICES).kind();
    assertEquals(1337, kind.mark());
    assertEquals(ListenerPorts.DEFAULT, kind.ports());
    assertEquals(Meshes.WEIR_EXTENSIONS, kind.extensions());
    Node.Builder node = node("WEIR_MARK", number(0));
    node.getMetadataBuilder()
        .putFields("WEIR_OUTBOUND_PORT", number(65535))
        .putFields("WEIR_INBOUND_PORT", number(0));
    node.addExtensionsBuilder().addTypeUrls("type.googleapis.com/envoy.some.Filter");
    kind = read(node.build(), SERVICES).kind();
    assertEquals(0, kind.mark());
    assertEquals(new ListenerPorts(65535, 0), kind.ports());
    assertEquals(Meshes.WEIR_EXTENSIONS, kind.extensions(), "others' are not ours to know");
  }

  @Test
  void nodeWithoutANamespaceIsOfTheDefaultOne() throws StatusException {
    ObjectName name = new ObjectName("default", "a");
    Node.Builder node = Nodes.sidecar("x", "a", "10.0.0.1").toBuilder();
    node.getMetadataBuilder().removeFields("WEIR_NAMESPACE").removeFields("WEIR_ADDRESS");
    Proxy proxy = read(node.build(), List.of(name));
    assertEquals(name, proxy.service());
    assertEquals(Optional.empty(), proxy.address());
  }

  @Test
  void idHasABound() throws StatusException {
    assertEquals(
        "y".repeat(253), read(Nodes.sidecar("y".repeat(253), "a", "10.0.0.1"), SERVICES).id());
    for (String id : List.of("", "y".repeat(254), "a\nb", "a\u009bb")) {
      assertEquals(
          "node.id must have 1 to 253 printable characters",
          refusal(Nodes.sidecar(id, "a", "10.0.0.1").toBuilder(), SERVICES));
    }
  }

  @Test
  void missingServiceIsNamed() {
    Node.Builder node = Nodes.sidecar("x", "a", "10.0.0.1").toBuilder();
    node.getMetadataBuilder().removeFields("WEIR_SERVICE");
    assertEquals(
        "node.metadata.WEIR_SERVICE is missing: the name of the service this proxy stands beside",
        refusal(node, SERVICES));
  }

  @Test
  void unknownServiceIsToldOfThoseThatAreUpToABound() {
    Node.Builder node = Nodes.sidecar("x", "zz", "10.0.0.1").toBuilder();
    assertEquals("there is no Service shop/zz; there is none yet", refusal(node, List.of()));
    List<ObjectName> services = new ArrayList<>();
    for (int i = 29; i >= 10; i--) {
      services.add(new ObjectName("shop", "service" + i));
    }
    String all = refusal(node, services);
    assertTrue(all.startsWith("there is no Service shop/zz; there are: shop/service10, "), all);
    assertTrue(all.endsWith(", shop/service29"), all);
    services.add(new ObjectName("shop", "service30"));
    assertTrue(refusal(node, services).endsWith(", shop/service29 and 1 more"));
    assertTrue(
        refusal(Nodes.sidecar("x", "service1", "10.0.0.1").toBuilder(), services)
            .startsWith("there is no Service shop/service1; did you mean shop/service1"));
  }

  private static Proxy read(Node node, List<ObjectName> services) throws StatusException {
    Proxy proxy = ProxyReader.read(node, pod -> Optional.empty());
    ProxyReader.checkThere(proxy, services);
    return proxy;
  }
}
