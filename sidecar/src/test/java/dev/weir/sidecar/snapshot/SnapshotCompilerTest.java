package dev.weir.sidecar.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.accesslog.grpc.Receivers;
import dev.weir.sidecar.accesslog.otlp.OtlpLogs;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.listener.CompiledListener;
import dev.weir.sidecar.listener.ListenerProblem;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.trace.TraceExporters;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.sidecar.transport.TransportSocketCompiler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A change compiles what it changes; the rest are the same objects. */
class SnapshotCompilerTest {
  private final Loops loops = TestLoops.of(1);
  private final Stats stats = new Stats(2);
  private final LogFiles logs = new LogFiles(loops, System.err::println);
  private final SnapshotCompiler compiler =
      new SnapshotCompiler(
          new FilterRegistry(
              stats,
              loops,
              Runnable::run,
              loop -> {
                throw new AssertionError();
              },
              line -> {}),
          TransportSocketCompiler.scratch(),
          new AccessLoggers(
              logs,
              new OtlpLogs(
                  stats,
                  () -> {
                    throw new AssertionError();
                  },
                  new Node("", "", Map.of(), List.of()),
                  new FoldedLog(line -> {}, Clock.SYSTEM)),
              new Receivers(
                  stats,
                  () -> {
                    throw new AssertionError();
                  },
                  () -> {
                    throw new AssertionError();
                  },
                  new FoldedLog(line -> {}, Clock.SYSTEM))),
          new TraceExporters(
              stats,
              () -> {
                throw new AssertionError();
              },
              new Node("", "", Map.of(), List.of()),
              new FoldedLog(line -> {}, Clock.SYSTEM)),
          config ->
              context -> {
                throw new AssertionError("no stream here");
              },
          List.of());
  private final List<ListenerProblem> problems = new ArrayList<>();

  @AfterEach
  void close() {
    loops.close();
    logs.close();
    assertEquals(List.of(), problems);
  }

  private static Listener listener(String name, String... tables) {
    StringBuilder chains = new StringBuilder();
    for (int i = 0; i < tables.length; i++) {
      chains.append(
          """
          - name: chain%2$d
            filter_chain_match: {destination_port: %3$d}
            filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: %1$s
                rds: {route_config_name: %1$s, config_source: {ads: {}}}
                http_filters:
                - {name: limit, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, stat_prefix: %1$s}}
                - {name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          """
              .formatted(tables[i], i, 80 + i));
    }
    return Resources.listener(
        """
        name: %s
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        """
                .formatted(name)
            + chains);
  }

  private static RouteConfiguration routes(String name, String cluster) {
    return Resources.routes(
        YamlReader.read(
                "routes",
                """
                name: %s
                virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: %s}}]}]
                """
                    .formatted(name, cluster))
            .documents()
            .getFirst());
  }

  private List<CompiledListener> compile(
      List<Listener> listeners, RouteConfiguration one, RouteConfiguration two) {
    List<CompiledListener> compiled =
        compiler.compile(
            new Configuration(listeners, Map.of("one", one, "two", two), List.of(), Map.of()),
            problems);
    compiler.letGo();
    return compiled;
  }

  @Test
  void nothingIsCompiledAgainWhereNothingHasChanged() {
    List<Listener> listeners = List.of(listener("a", "one", "two"), listener("b", "one"));
    RouteConfiguration one = routes("one", "x");
    RouteConfiguration two = routes("two", "x");
    List<CompiledListener> first = compile(listeners, one, two);
    List<CompiledListener> second = compile(listeners, one, two);
    assertSame(first.get(0), second.get(0));
    assertSame(first.get(1), second.get(1));
  }

  @Test
  void aTableThatChangesCostsTheChainsThatHaveIt() {
    List<Listener> listeners = List.of(listener("a", "one", "two"), listener("b", "one"));
    RouteConfiguration one = routes("one", "x");
    List<CompiledListener> first = compile(listeners, one, routes("two", "x"));
    int names = stats.count();
    List<CompiledListener> second = compile(listeners, one, routes("two", "y"));
    assertNotSame(first.get(0), second.get(0));
    assertSame(http(first, 0, 0), http(second, 0, 0));
    assertNotSame(http(first, 0, 1), http(second, 0, 1));
    assertSame(first.get(1), second.get(1));
    assertEquals(names, stats.count());
    assertSame(
        http(first, 0, 1).filters().getFirst().factory(),
        http(second, 0, 1).filters().getFirst().factory());
  }

  @Test
  void aListenerThatLeavesTakesWhatItsFiltersHadTaken() {
    Listener a = listener("a", "one");
    RouteConfiguration one = routes("one", "x");
    RouteConfiguration two = routes("two", "x");
    compile(List.of(a), one, two);
    int names = stats.count();
    compile(List.of(a, listener("b", "two")), one, two);
    assertEquals(names + 4, stats.count());
    compile(List.of(a), one, two);
    assertEquals(names, stats.count());
    compile(List.of(), one, two);
    assertEquals(0, stats.count());
  }

  private static dev.weir.sidecar.manager.HttpChain http(
      List<CompiledListener> listeners, int listener, int chain) {
    return listeners.get(listener).chains().get(chain).http().orElseThrow();
  }
}
