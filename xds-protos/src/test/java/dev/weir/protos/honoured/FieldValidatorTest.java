package dev.weir.protos.honoured;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Message;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlReader;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FieldValidatorTest {
  private final FieldValidator validator = new FieldValidator(HonouredFields.load());

  @Test
  void whatIsHonouredOrAcceptedIsNotReported() {
    assertEquals(
        List.of(),
        reports(
            """
            name: app
            connect_timeout: 1s
            metadata: {filter_metadata: {x: {y: 1}}}
            load_assignment:
              cluster_name: app
              endpoints:
              - locality: {region: r, zone: z}
                lb_endpoints:
                - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 80}}}
            """,
            Cluster.getDefaultInstance()));
  }

  @Test
  void whatIsNotHonouredIsReportedByPath() {
    assertEquals(
        List.of(
            "health_checks: is not honoured",
            "load_assignment.endpoints[0].lb_endpoints[1].endpoint.health_check_config: is not"
                + " honoured"),
        reports(
            """
            name: app
            health_checks: [{timeout: 1s}]
            load_assignment:
              endpoints:
              - lb_endpoints:
                - endpoint: {}
                - endpoint: {health_check_config: {port_value: 1}}
            """,
            Cluster.getDefaultInstance()));
  }

  @Test
  void anAnyIsLookedInto() {
    assertEquals(
        List.of(
            "typed_extension_protocol_options[\"a\"].auto_config.http3_protocol_options: is not"
                + " honoured",
            "typed_extension_protocol_options[\"a\"].http_filters[0].typed_config:"
                + " envoy.extensions.filters.http.grpc_web.v3.GrpcWeb is not honoured"),
        reports(
            """
            typed_extension_protocol_options:
              a:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                auto_config: {http3_protocol_options: {}}
                http_filters:
                - name: cors
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb
            """,
            Cluster.getDefaultInstance()));
  }

  @Test
  void aTypedStructIsTakenForTheMessageItNames() {
    assertEquals(
        List.of(
            "filter_chains[0].filters[0].typed_config.access_log[0].typed_config:"
                + " envoy.extensions.access_loggers.wasm.v3.WasmAccessLog is not honoured"),
        reports(
            """
            filter_chains:
            - filters:
              - name: tcp
                typed_config:
                  "@type": type.googleapis.com/xds.type.v3.TypedStruct
                  type_url: type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  value:
                    stat_prefix: tcp
                    access_log:
                    - typed_config:
                        "@type": type.googleapis.com/envoy.extensions.access_loggers.wasm.v3.WasmAccessLog
            """,
            Listener.getDefaultInstance()));
  }

  private List<String> reports(String yaml, Message prototype) {
    YamlFile file = YamlReader.read("b.yaml", yaml);
    assertEquals(List.of(), file.problems());
    Converted<Message> converted = ProtoReader.read(file.documents().getFirst(), prototype);
    assertEquals(List.of(), converted.problems());
    return validator.validate(converted.message()).stream().map(Unhonoured::toString).toList();
  }
}
