package dev.weir.control.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.control.cluster.SidecarConfig.Kind;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sidecar's pages as tables. */
class SidecarConfigTest {
  private static final String DUMP =
      """
      {"configs": [
        {"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump",
         "static_listeners": [{"listener": {"name": "probes"}}],
         "dynamic_listeners": [
          {"name": "outbound", "client_status": "ACKED", "active_state": {"listener": {
            "name": "outbound",
            "address": {"socket_address": {"address": "0.0.0.0", "port_value": 15001}},
            "filter_chains": [{"name": "outbound|80|shop/cart",
              "filter_chain_match": {"prefix_ranges": [{"address_prefix": "10.96.0.7", "prefix_len": 32}], "destination_port": 80},
              "filters": [{"typed_config": {"rds": {"route_config_name": "outbound|80|shop/cart"}}}]}],
            "default_filter_chain": {"name": "passthrough", "filters": [{"typed_config": {"cluster": "passthrough"}}]}}}},
          {"name": "inbound", "client_status": "NACKED", "error_state": {"details": "filter_chains[0]: no"}}]},
        {"@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump",
         "dynamic_route_configs": [{"route_config": {"name": "outbound|80|shop/cart", "virtual_hosts": [{"routes": [
           {"name": "a", "match": {"path_separated_prefix": "/stock", "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]},
            "route": {"weighted_clusters": {"clusters": [{"name": "v1", "weight": 9}, {"name": "v2", "weight": 1}]}, "timeout": "2s",
              "retry_policy": {"num_retries": 2, "retry_on": "5xx"}}},
           {"name": "b", "match": {"prefix": "/"}, "direct_response": {"status": 500}}]}]}}]},
        {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
         "dynamic_active_clusters": [{"cluster": {"name": "v1", "type": "EDS", "lb_policy": "LEAST_REQUEST",
           "transport_socket_matches": [{}]}}]}]}
      """;

  private static List<List<String>> rows(Kind kind, String page) throws IOException {
    List<List<String>> rows = SidecarConfig.of(kind, page).rows();
    return rows.subList(1, rows.size());
  }

  @Test
  void listenerHasARowForEachChainAndOneThatWasRefusedItsReason() throws IOException {
    assertEquals(
        List.of(
            List.of(
                "outbound",
                "0.0.0.0:15001",
                "outbound|80|shop/cart",
                "10.96.0.7 port 80",
                "routes outbound|80|shop/cart",
                "in force"),
            List.of(
                "outbound",
                "0.0.0.0:15001",
                "passthrough",
                "any",
                "cluster passthrough",
                "in force"),
            List.of("inbound", "", "", "", "", "refused: filter_chains[0]: no")),
        rows(Kind.LISTENERS, DUMP));
  }

  @Test
  void routeSaysWhatItMatchesWhereItLeadsAndHowLongItWaits() throws IOException {
    assertEquals(
        List.of(
            List.of(
                "outbound|80|shop/cart",
                "a",
                "/stock[/*] GET",
                "v1 x9, v2 x1",
                "2s",
                "2 on 5xx",
                "in force"),
            List.of("outbound|80|shop/cart", "b", "/*", "answers 500", "", "", "in force")),
        rows(Kind.ROUTES, DUMP));
  }

  @Test
  void clusterSaysHowItBalances() throws IOException {
    assertEquals(
        List.of(List.of("v1", "EDS", "LEAST_REQUEST", "yes", "in force")),
        rows(Kind.CLUSTERS, DUMP));
  }

  @Test
  void whatIsNotThereIsSaidWithItsNameAndWhy() throws IOException {
    String dump =
        """
        {"configs": [
          {"@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump",
           "dynamic_route_configs": [
             {"route_config": {"name": "r"}, "client_status": "REQUESTED"},
             {"route_config": {"name": "s"}, "client_status": "DOES_NOT_EXIST"}]},
          {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
           "dynamic_warming_clusters": [
             {"version_info": "1", "cluster": {"name": "w"}, "client_status": "ACKED"},
             {"cluster": {"name": "b"}, "client_status": "NACKED", "error_state": {"details": "no"}}]}]}
        """;
    assertEquals(
        List.of(
            List.of("r", "", "", "", "", "", "asked for"),
            List.of("s", "", "", "", "", "", "does not exist")),
        rows(Kind.ROUTES, dump));
    assertEquals(
        List.of(
            List.of("w", "STATIC", "ROUND_ROBIN", "", "warming"),
            List.of("b", "STATIC", "ROUND_ROBIN", "", "refused: no")),
        rows(Kind.CLUSTERS, dump));
  }

  @Test
  void endpointIsOneRowOfSeveralLines() throws IOException {
    assertEquals(
        List.of(List.of("v1", "10.0.0.1:8080", "healthy", "1", "3")),
        rows(
            Kind.ENDPOINTS,
            """
            v1::default_priority::max_connections::1024
            v1::10.0.0.1:8080::health_flags::healthy
            v1::10.0.0.1:8080::weight::1
            v1::10.0.0.1:8080::rq_active::3
            """));
  }

  @Test
  void whatIsNoPageIsRefused() {
    assertThrows(IOException.class, () -> SidecarConfig.of(Kind.ROUTES, "not JSON"));
    assertThrows(IOException.class, () -> SidecarConfig.of(Kind.ROUTES, "[]"));
  }
}
