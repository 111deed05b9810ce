package dev.weir.sidecar.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.weir.protos.Problem;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.snapshot.CompileCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BootstrapLoaderTest {
  private static final String DYNAMIC =
      """
      node: {id: cart-0, cluster: cart, metadata: {ports: [8080], zone: a, on: true, gone: null}}
      admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
      dynamic_resources:
        ads_config:
          api_type: DELTA_GRPC
          transport_api_version: V3
          set_node_on_first_message_only: true
          grpc_services: [{envoy_grpc: {cluster_name: xds, authority: weir}}]
        lds_config: {ads: {}, initial_fetch_timeout: 0s}
        cds_config: {ads: {}}
      static_resources:
        clusters:
        - {name: xds, connect_timeout: 1s, http2_protocol_options: {}}
      """;

  private static final String HTTP =
      """
      static_resources:
        listeners:
        - address: {socket_address: {address: 127.0.0.1, port_value: 0}}
          filter_chains:
          - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: http
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes: [{match: {prefix: /}, route: {cluster: ap}}]
                http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
        clusters:
        - {name: app}
        - {name: xds, http2_protocol_options: {}}
      """;

  @Test
  void aBootstrapWithDynamicResourcesIsRead() {
    Bootstrap bootstrap = accepted(DYNAMIC).bootstrap();

    assertEquals(
        Optional.of(
            new DynamicResources(
                Optional.of(
                    new ConfigSource.Grpc(ConfigSource.Protocol.DELTA, "xds", Optional.of("weir"))),
                Optional.of(new Fetch(new ConfigSource.Ads(), Duration.ZERO)),
                Optional.of(new Fetch(new ConfigSource.Ads(), Duration.ofSeconds(15))))),
        bootstrap.dynamicResources());
    assertEquals(
        Map.of("ports", List.of(8080.0), "zone", "a", "on", true), bootstrap.node().metadata());
    assertEquals("cart-0", bootstrap.node().id());
    assertEquals("127.0.0.1:0", bootstrap.admin().orElseThrow().address().toString());
  }

  @Test
  void whatCannotBeCompiledIsNamedWithItsLine() {
    String yaml =
        HTTP.replace(
            "prefix: /}, route: {cluster: ap}}]",
            "prefix: /}, route: {cluster: app},\n"
                + "                      request_headers_to_add: [{header: {key: x, value: '%NO_SUCH%'}}]}]");

    String problem = problems(yaml).getFirst().toString();
    assertTrue(
        problem.startsWith(
            "b.yaml:15: static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].routes[0].request_headers_to_add"),
        problem);
    assertTrue(problem.contains("%NO_SUCH%"), problem);
  }

  @Test
  void jsonIsTakenToo() {
    assertEquals("x", accepted("{\"node\": {\"id\": \"x\"}}").bootstrap().node().id());
  }

  @Test
  void aFieldWithoutEffectIsNamedWithItsLine() {
    String yaml =
        """
        static_resources:
          clusters:
          - name: app
            health_checks:
            - {timeout: 1s, interval: 1s, healthy_threshold: 1, unhealthy_threshold: 1, tcp_health_check: {}}
        """;

    assertEquals(
        List.of("b.yaml:4: static_resources.clusters[0].health_checks: is not honoured"),
        accepted(yaml).unhonoured().stream().map(Problem::toString).toList());
    assertEquals(
        List.of("b.yaml:4: static_resources.clusters[0].health_checks: is not honoured"),
        problems(new BootstrapLoader(FieldPolicy.REJECT, new CompileCheck()).read("b.yaml", yaml)));
  }

  @Test
  void everyBadResourceIsNamedWithItsLine() {
    assertEquals(
        List.of(
            "b.yaml:3: static_resources.clusters[0].lb_policy: RING_HASH is not supported",
            "b.yaml:5: static_resources.clusters[2].name: \"b\" is there already"),
        problems(
            """
            static_resources:
              clusters:
              - {name: a, lb_policy: RING_HASH}
              - {name: b}
              - {name: b}
            """));
  }

  @Test
  void aRuleOfTheProtoIsHeldTo() {
    assertEquals(
        List.of("b.yaml:4: static_resources.clusters[0].connect_timeout: must be above 0"),
        problems(
            """
            static_resources:
              clusters:
              - name: a
                connect_timeout: 0s
            """));
  }

  @Test
  void theClusterOfTheStreamMustBeThere() {
    assertEquals(
        List.of(
            "b.yaml:8: dynamic_resources.ads_config.grpc_services[0].envoy_grpc.cluster_name:"
                + " \"xsd\" is not among static_resources.clusters"),
        problems(DYNAMIC.replace("cluster_name: xds", "cluster_name: xsd")));
  }

  @Test
  void aRouteToAClusterThatIsNotThereIsRefusedByLine() {
    assertEquals(
        List.of(
            "b.yaml:14: static_resources.listeners[0].filter_chains[0].filters[0].typed_config"
                + ".route_config.virtual_hosts[0].routes[0].route.cluster: \"ap\" is not among"
                + " static_resources.clusters; did you mean \"app\"?"),
        problems(HTTP));
  }

  @Test
  void aClusterIsNotMissedWhereItMayStreamOrWhereThatIsAskedFor() {
    accepted(HTTP.replace("route_config:", "route_config:\n            validate_clusters: false"));
    accepted(
        HTTP
            + DYNAMIC.substring(
                DYNAMIC.indexOf("dynamic_resources"), DYNAMIC.indexOf("static_resources"))
            + "node: {id: x}\n");
  }

  @Test
  void whatIsToStreamNeedsAStream() {
    assertEquals(
        List.of(
            "b.yaml:3: static_resources.clusters[0].eds_cluster_config.eds_config: streams over"
                + " dynamic_resources.ads_config, which is not set"),
        problems(
            """
            static_resources:
              clusters:
              - {name: a, type: EDS, eds_cluster_config: {eds_config: {ads: {}}}}
            """));
  }

  @Test
  void aSourceIsOfAClusterThatIsThereAndNotItselfOfTypeEds() {
    String source = "{api_config_source: {api_type: REST, refresh_delay: 1s, cluster_names: [%s]}}";
    assertEquals(
        List.of(
            "b.yaml:4: static_resources.clusters[0].eds_cluster_config.eds_config"
                + ".api_config_source.cluster_names[0]: \"a\" is of type EDS; configuration comes"
                + " from a cluster of another type",
            "b.yaml:1: dynamic_resources.cds_config.api_config_source.cluster_names[0]: \"xsd\" is"
                + " not among static_resources.clusters"),
        problems(
            """
            dynamic_resources: {cds_config: %s}
            static_resources:
              clusters:
              - {name: a, type: EDS, eds_cluster_config: {eds_config: %s}}
            """
                .formatted(source.formatted("xsd"), source.formatted("a"))));
  }

  @Test
  void aNameOfTwoSourcesIsRefused() {
    String cluster =
        "{name: %s, type: EDS, eds_cluster_config: {service_name: s, eds_config: {path_config_source:"
            + " {path: %s}, initial_fetch_timeout: %s}}}";
    assertEquals(
        List.of(
            "b.yaml:5: static_resources.clusters[2].eds_cluster_config.eds_config: names another"
                + " source for endpoints \"s\": one name has one source"),
        problems(
            """
            static_resources:
              clusters:
              - %s
              - %s
              - %s
            """
                .formatted(
                    cluster.formatted("a", "/x", "1s"),
                    cluster.formatted("b", "/x", "2s"),
                    cluster.formatted("c", "/y", "1s"))));
  }

  @Test
  void aStaticClusterMayHaveASourceThoughNothingElseIsFetched() {
    String yaml =
        """
        static_resources:
          clusters:
          - {name: a, type: EDS, eds_cluster_config: {eds_config: {path_config_source: {path: /x}}}}
        """;

    assertTrue(accepted(yaml).bootstrap().dynamicResources().isPresent());
    assertEquals(Optional.empty(), accepted("node: {id: x}").bootstrap().dynamicResources());
  }

  @Test
  void streamingNeedsAnAdsConfig() {
    assertEquals(
        List.of(
            "b.yaml:1: dynamic_resources.lds_config: streams over dynamic_resources.ads_config, which"
                + " is not set"),
        problems("dynamic_resources: {lds_config: {ads: {}}}"));
  }

  @Test
  void whatIsNoYamlIsRefusedByLine() {
    assertEquals("b.yaml:2", problems("a: 1\nb: [").getFirst().substring(0, 8));
    assertEquals(List.of("b.yaml: it is empty"), problems("# nothing\n"));
    assertEquals(
        List.of("b.yaml: it must be one YAML document, not several"), problems("{}\n---\n{}\n"));
  }

  @Test
  void whateverIsWrittenIsAcceptedOrRefusedWithALine() {
    Random random = new Random(11);
    String pieces = "{}[]:,-&*!\"'#%@ \n\t0aZ~|>";
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder(i % 2 == 0 ? HTTP : DYNAMIC);
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        int at = random.nextInt(text.length());
        text.replace(
            at,
            Math.min(text.length(), at + random.nextInt(4)),
            String.valueOf(pieces.charAt(random.nextInt(pieces.length()))));
      }
      if (new BootstrapLoader(FieldPolicy.WARN, new CompileCheck()).read("b.yaml", text.toString())
          instanceof Loaded.Rejected(List<Problem> problems)) {
        assertTrue(problems.getFirst().toString().startsWith("b.yaml"), text::toString);
      }
    }
  }

  @Test
  void aFileThatCannotBeReadIsRefused(@TempDir Path folder) throws Exception {
    BootstrapLoader loader = new BootstrapLoader(FieldPolicy.WARN, new CompileCheck());
    Path binary = Files.write(folder.resolve("b.bin"), new byte[] {(byte) 0xff, 0});

    assertEquals(
        List.of(folder.resolve("none.yaml") + ": there is no such file"),
        problems(loader.load(folder.resolve("none.yaml"))));
    assertEquals(List.of(binary + ":1: it is not UTF-8 text"), problems(loader.load(binary)));
  }

  private static Loaded.Accepted accepted(String yaml) {
    return switch (new BootstrapLoader(FieldPolicy.WARN, new CompileCheck()).read("b.yaml", yaml)) {
      case Loaded.Accepted accepted -> accepted;
      case Loaded.Rejected rejected -> fail(rejected.toString());
      case Loaded.Unreadable unreadable -> fail(unreadable.toString());
    };
  }

  private static List<String> problems(String yaml) {
    return problems(new BootstrapLoader(FieldPolicy.WARN, new CompileCheck()).read("b.yaml", yaml));
  }

  private static List<String> problems(Loaded loaded) {
    return switch (loaded) {
      case Loaded.Accepted accepted -> fail(accepted.toString());
      case Loaded.Rejected(List<Problem> problems) ->
          problems.stream().map(Problem::toString).toList();
      case Loaded.Unreadable(Problem problem) -> List.of(problem.toString());
    };
  }
}
