package dev.weir.sidecar.filter.http.extauthz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.sidecar.testkit.TestConfig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is not honoured is refused by its path, whatever becomes of other fields. */
class ExtAuthzAdmissionTest {
  private static final String GRPC = "grpc_service: {envoy_grpc: {cluster_name: app}}";

  private static String refusal(String yaml) {
    Loaded loaded =
        new BootstrapLoader(FieldPolicy.WARN, new CompileCheck()).read("test.yaml", yaml);
    return loaded instanceof Loaded.Accepted ? "accepted" : loaded.toString();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "stat_prefix: x | must set one of grpc_service, http_service",
        "grpc_service: {google_grpc: {target_uri: a, stat_prefix: a}} | grpc_service: must set envoy_grpc",
        "grpc_service: {envoy_grpc: {cluster_name: app}, timeout: 0s} | grpc_service.timeout: must be above 0",
        "grpc_service: {envoy_grpc: {cluster_name: app}, retry_policy: {}} | grpc_service.retry_policy: is not supported",
        "grpc_service: {envoy_grpc: {cluster_name: app, retry_policy: {}}} | envoy_grpc.retry_policy: is not supported",
        "grpc_service: {envoy_grpc: {cluster_name: app, max_receive_message_length: 9}} | max_receive_message_length: is not supported",
        "grpc_service: {envoy_grpc: {cluster_name: app}, initial_metadata: [{key: ':path', value: a}]} | initial_metadata[0].key",
        "http_service: {server_uri: {uri: 'http://a', cluster: app, timeout: 0s}} | server_uri.timeout: must be above 0",
        "http_service: {server_uri: {uri: 'http://a', cluster: app, timeout: 1s}, path_prefix: a} | http_service.path_prefix",
        "GRPC, transport_api_version: V2 | transport_api_version",
        "GRPC, clear_route_cache: true | clear_route_cache: is not supported",
        "GRPC, typed_metadata_context_namespaces: [a] | typed_metadata_context_namespaces: is not supported",
        "GRPC, route_metadata_context_namespaces: [a] | route_metadata_context_namespaces: is not supported",
        "GRPC, route_typed_metadata_context_namespaces: [a] | route_typed_metadata_context_namespaces: is not supported",
        "GRPC, bootstrap_metadata_labels_key: a | bootstrap_metadata_labels_key: is not supported",
        "GRPC, decoder_header_mutation_rules: {} | decoder_header_mutation_rules: is not supported",
        "GRPC, filter_metadata: {a: 1} | filter_metadata: is not supported",
        "GRPC, emit_filter_state_stats: true | emit_filter_state_stats: is not supported",
        "GRPC, with_request_body: {max_request_bytes: 0} | with_request_body.max_request_bytes",
        "GRPC, with_request_body: {max_request_bytes: 99999999} | with_request_body.max_request_bytes: must be at most"
      })
  void fieldIsRefused(String filter, String expected) {
    String refusal =
        refusal(
            TestConfig.to(1)
                .filter("authz", AuthzConfig.FILTER, filter.replace("GRPC", GRPC))
                .yaml());
    assertTrue(refusal.contains(expected), refusal);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "disabled: false | accepted",
        "check_settings: {} | accepted",
        "check_settings: {disable_request_body_buffering: true, with_request_body: {max_request_bytes: 1}} | exclude each other",
        "check_settings: {with_request_body: {max_request_bytes: 0}} | max_request_bytes"
      })
  void routeIsHeldToTheSame(String settings, String expected) {
    String yaml =
        TestConfig.to(1)
            .filter("authz", AuthzConfig.FILTER, GRPC)
            .yaml()
            .replace(
                "            - name: app\n",
                "            - name: app\n              typed_per_filter_config: {authz: {"
                    + AuthzConfig.PER_ROUTE
                    + ", "
                    + settings
                    + "}}\n");
    assertTrue(refusal(yaml).contains(expected), refusal(yaml));
  }
}
