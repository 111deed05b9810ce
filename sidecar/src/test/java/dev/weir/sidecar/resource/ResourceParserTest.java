package dev.weir.sidecar.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.Parsed;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ResourceParserTest {
  private static final Cluster CLUSTER =
      Cluster.newBuilder().setName("app").setIgnoreHealthOnHostRemoval(true).build();

  private final List<String> reports = new ArrayList<>();

  @Test
  void byDefaultAFieldWithoutEffectIsReportedOnce() {
    ResourceParser parser = parser(FieldPolicy.WARN);

    assertInstanceOf(Parsed.Accepted.class, parser.cluster(CLUSTER));
    assertInstanceOf(Parsed.Accepted.class, parser.cluster(CLUSTER));

    assertEquals(
        List.of("cluster \"app\" [ignore_health_on_host_removal: is not honoured]"), reports);
  }

  @Test
  void anotherFieldIsReportedAgain() {
    ResourceParser parser = parser(FieldPolicy.WARN);

    parser.cluster(CLUSTER);
    parser.cluster(CLUSTER.toBuilder().setCloseConnectionsOnHostHealthFailure(true).build());

    assertEquals(2, reports.size());
  }

  @Test
  void onRequestItIsRefused() {
    assertEquals(
        new Parsed.Rejected<>("ignore_health_on_host_removal", "is not honoured"),
        parser(FieldPolicy.REJECT).cluster(CLUSTER));
    assertEquals(List.of(), reports);
  }

  @Test
  void onRequestNothingIsSaidOfIt() {
    assertInstanceOf(Parsed.Accepted.class, parser(FieldPolicy.IGNORE).cluster(CLUSTER));
    assertEquals(List.of(), reports);
  }

  /** Control planes add one beside what matters. */
  @Test
  void anAccessLogOverGrpcIsNoneAndIsReported() {
    Listener listener = listenerWithGrpcLog();
    String path = "filter_chains[0].filters[0].typed_config.access_log[0].typed_config";
    String reason =
        "envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig is not honoured";

    Parsed<?> taken = parser(FieldPolicy.WARN).listener(listener);
    assertInstanceOf(Parsed.Accepted.class, taken);
    assertTrue(taken.toString().contains("accessLogs=[]"), taken::toString);
    assertEquals(List.of("listener \"l\" [" + path + ": " + reason + "]"), reports);

    assertEquals(
        new Parsed.Rejected<>(path, reason), parser(FieldPolicy.REJECT).listener(listener));
  }

  private static Listener listenerWithGrpcLog() {
    var converted =
        ProtoReader.read(
            YamlReader.read(
                    "test",
                    """
                    name: l
                    address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                    filter_chains:
                    - filters:
                      - name: http
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                          stat_prefix: l
                          route_config: {}
                          access_log:
                          - name: log
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig
                              common_config:
                                log_name: echo
                                transport_api_version: V3
                                grpc_service: {envoy_grpc: {cluster_name: als}}
                          http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
                    """)
                .documents()
                .getFirst(),
            Listener.getDefaultInstance());
    assertEquals(List.of(), converted.problems());
    return converted.message();
  }

  private ResourceParser parser(FieldPolicy policy) {
    return new ResourceParser(policy, (resource, fields) -> reports.add(resource + " " + fields));
  }
}
