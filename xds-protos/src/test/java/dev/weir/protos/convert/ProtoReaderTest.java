package dev.weir.protos.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import dev.cel.expr.SourceInfo;
import dev.weir.protos.Problem;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlReader;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProtoReaderTest {
  @Test
  void aClusterIsReadAsEnvoyReadsIt() {
    Cluster cluster =
        read(
            """
            name: app
            type: STRICT_DNS
            connect_timeout: 0.25s
            lb_policy: 1
            perConnectionBufferLimitBytes: 1024
            ignore_health_on_host_removal: true
            cleanup_interval: ~
            metadata:
              filter_metadata: {"a.b": {n: 1.5, s: x, l: [true, ~]}}
            """,
            Cluster.getDefaultInstance());

    assertEquals(Cluster.DiscoveryType.STRICT_DNS, cluster.getType());
    assertEquals(Duration.newBuilder().setNanos(250_000_000).build(), cluster.getConnectTimeout());
    assertEquals(Cluster.LbPolicy.LEAST_REQUEST, cluster.getLbPolicy());
    assertEquals(1024, cluster.getPerConnectionBufferLimitBytes().getValue());
    assertEquals(
        1.5,
        cluster
            .getMetadata()
            .getFilterMetadataOrThrow("a.b")
            .getFieldsOrThrow("n")
            .getNumberValue());
  }

  @Test
  void aDurationMayBeAMapOfItsFieldsAsWithEnvoy() {
    Cluster cluster =
        read("connect_timeout: {seconds: 1, nanos: 500000000}", Cluster.getDefaultInstance());

    assertEquals(
        Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build(),
        cluster.getConnectTimeout());
  }

  @Test
  void caseOfAnEnumAndBracketsOfAListOfOneAreForgivenAsByEnvoy() {
    Cluster cluster =
        read(
            """
            name: app
            type: strict_dns
            load_assignment: {endpoints: {priority: 1}}
            """,
            Cluster.getDefaultInstance());

    assertEquals(Cluster.DiscoveryType.STRICT_DNS, cluster.getType());
    assertEquals(1, cluster.getLoadAssignment().getEndpoints(0).getPriority());
  }

  @Test
  void anAnyIsPackedByItsType() throws Exception {
    Listener listener =
        read(
            """
            api_listener:
              api_listener:
                "@type": type.googleapis.com/weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker
                policy: shop/inventory
                consecutive_failures: 4
            """,
            Listener.getDefaultInstance());

    CircuitBreaker breaker =
        listener.getApiListener().getApiListener().unpack(CircuitBreaker.class);
    assertEquals(4, breaker.getConsecutiveFailures());
  }

  @Test
  void everyProblemHasItsLineAndPath() {
    assertEquals(
        List.of(
            "b.yaml:3: static_resources.listeners[0].adress: unknown field of Listener; did you"
                + " mean \"address\"?",
            "b.yaml:4: static_resources.listeners[0].filter_chains[0]: expected a map, found the"
                + " number 5",
            "b.yaml:6: static_resources.clusters[0].connect_timeout: found \"250ms\", expected a"
                + " duration in seconds such as \"1.5s\"",
            "b.yaml:7: static_resources.clusters[0].name: found the number 12, expected a string:"
                + " put it in quotes"),
        problems(
            """
            static_resources:
              listeners:
              - adress: {}
                filter_chains: 5
              clusters:
              - connect_timeout: 250ms
                name: 12
            """,
            Bootstrap.getDefaultInstance()));
  }

  @Test
  void aProblemWithinAnAnyHasItsPath() {
    assertEquals(
        List.of(
                "b.yaml:4: typed_config.nme: unknown field of TypedExtensionConfig; did you mean"
                    + " \"name\"?")
            .getFirst(),
        problems(
                """
                name: x
                typed_config:
                  "@type": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig
                  nme: y
                """,
                io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig.getDefaultInstance())
            .getFirst());
  }

  @Test
  void whatAScalarMustBeIsSaid() {
    assertEquals(
        List.of(
            "b.yaml:1: protocol: found \"TPC\", expected one of TCP, UDP",
            "b.yaml:2: port_value: found the number -1, expected a whole number from 0 to"
                + " 4294967295",
            "b.yaml:3: ipv4_compat: found \"true\", expected true or false",
            "b.yaml:4: address: expected a string, found a list"),
        problems(
            """
            protocol: TPC
            port_value: -1
            ipv4_compat: "true"
            address: [a]
            """,
            SocketAddress.getDefaultInstance()));
  }

  @Test
  void aHugeExponentCostsNothing() {
    assertEquals(
        List.of(
            "b.yaml:1: port_value: found the number 1e999999999, expected a whole number from 0"
                + " to 4294967295"),
        problems("port_value: 1e999999999", SocketAddress.getDefaultInstance()));
  }

  @Test
  void twoFieldsOfAOneofAreRefused() {
    assertEquals(
        List.of("b.yaml:2: named_port: only one of port_value and named_port may be set"),
        problems("port_value: 1\nnamed_port: x\n", SocketAddress.getDefaultInstance()));
  }

  @Test
  void aFieldUnderBothOfItsNamesIsRefused() {
    assertEquals(
        List.of("b.yaml:2: port_value: is set twice, by both of its names"),
        problems("port_value: 1\nportValue: 2\n", SocketAddress.getDefaultInstance()));
  }

  @Test
  void anAnyMustNameAKnownType() {
    String listener = "api_listener: {api_listener: {%s}}";

    assertEquals(
        List.of(
            "b.yaml:1: api_listener.api_listener.@type: is missing; write the type, as in"
                + " type.googleapis.com/envoy..."),
        problems(listener.formatted("a: 1"), Listener.getDefaultInstance()));
    assertEquals(
        List.of(
            "b.yaml:1: api_listener.api_listener.@type: unknown type \"type.googleapis.com/x.Y\";"
                + " x.Y is no message that is known here"),
        problems(
            listener.formatted("\"@type\": type.googleapis.com/x.Y"),
            Listener.getDefaultInstance()));
    assertEquals(
        List.of(
            "b.yaml:1: api_listener.api_listener.@type: unknown type"
                + " \"envoy.config.cluster.v3.Cluster\"; it must be"
                + " type.googleapis.com/<message>"),
        problems(
            listener.formatted("\"@type\": envoy.config.cluster.v3.Cluster"),
            Listener.getDefaultInstance()));
  }

  @Test
  void ofAKeyThatIsWrittenInTwoWaysTheLastValueCounts() throws Exception {
    SourceInfo read = read("positions: {'1': 2, '2': 5, '01': 3}", SourceInfo.getDefaultInstance());

    assertEquals(Map.of(1L, 3, 2L, 5), read.getPositionsMap());
    assertEquals(2, SourceInfo.parseFrom(read.toByteString()).getPositionsCount());
  }

  @Test
  void aStructIsReadAsDeepAsYamlGoes() {
    int depth = 190;
    String yaml = "metadata: " + "{a: ".repeat(depth) + "b" + "}".repeat(depth);

    Struct struct = read(yaml, Node.getDefaultInstance()).getMetadata();

    for (int i = 1; i < depth; i++) {
      struct = struct.getFieldsOrThrow("a").getStructValue();
    }
    assertEquals("b", struct.getFieldsOrThrow("a").getStringValue());
  }

  private static <T extends Message> T read(String yaml, T prototype) {
    Converted<T> converted = convert(yaml, prototype);
    assertEquals(List.of(), converted.problems());
    return converted.message();
  }

  private static List<String> problems(String yaml, Message prototype) {
    return convert(yaml, prototype).problems().stream().map(Problem::toString).toList();
  }

  private static <T extends Message> Converted<T> convert(String yaml, T prototype) {
    YamlFile file = YamlReader.read("b.yaml", yaml);
    assertEquals(List.of(), file.problems());
    return ProtoReader.read(file.documents().getFirst(), prototype);
  }
}
