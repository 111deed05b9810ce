package dev.weir.sidecar;

import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.accesslog.grpc.Receivers;
import dev.weir.sidecar.accesslog.otlp.OtlpLogs;
import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.bootstrap.MetricsSink;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.ListenerTelemetry;
import dev.weir.sidecar.identity.IdentityStatus;
import dev.weir.sidecar.log.Component;
import dev.weir.sidecar.log.Logs;
import dev.weir.sidecar.metrics.MetricsPage;
import dev.weir.sidecar.metrics.otlp.MetricsPushers;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.snapshot.AccessLoggers;
import dev.weir.sidecar.snapshot.Configuration;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.EndedLines;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.telemetry.edge.Edge.Target;
import dev.weir.sidecar.telemetry.edge.Edges;
import dev.weir.sidecar.telemetry.edge.Workload;
import dev.weir.sidecar.telemetry.otlp.Exporters;
import dev.weir.sidecar.telemetry.recent.ConfigChanges;
import dev.weir.sidecar.telemetry.recent.RecentRequests;
import dev.weir.sidecar.telemetry.trace.TraceExporters;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.NodeMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What sees the traffic, what is kept of it, and who is sent that. */
final class Telemetry implements AutoCloseable {
  private static final Duration TAP_INTERVAL = Duration.ofMillis(500);
  private static final Duration EDGE_INTERVAL = Duration.ofMinutes(1);

  private final ClusterManager clusters;
  private final LogFiles files;
  private final TraceExporters traces;
  private final OtlpLogs records;
  private final Receivers receivers;
  private final Edges edges;
  private final ConfigChanges changes = new ConfigChanges();
  private final RecentRequests recent;
  private final EndedLines lines;
  private final MetricsPage.Sources measured;
  private final MetricsPushers pushers;

  /**
   * @param client makes requests to who is told; asked for when there is something to send
   * @param mostEdges that are counted apart
   * @param identity asked when metrics are read, as {@code configured} is
   */
  Telemetry(
      Stats stats,
      Loops loops,
      Logs logs,
      Node node,
      ClusterManager clusters,
      Supplier<AsyncClient> client,
      int mostEdges,
      Supplier<Optional<IdentityStatus>> identity,
      Supplier<Optional<Instant>> configured) {
    this.clusters = clusters;
    files = new LogFiles(loops, logs.of(Component.ACCESS_LOG));
    traces = new TraceExporters(stats, client, node, folded(logs, Component.TRACING));
    records = new OtlpLogs(stats, client, node, folded(logs, Component.ACCESS_LOG));
    receivers =
        new Receivers(
            stats,
            client,
            () -> NodeMessage.of(node, ConfigStream.version(), false),
            folded(logs, Component.ACCESS_LOG));
    edges = new Edges(loops.count(), mostEdges, Workload.of(node), this::targetOf);
    recent = new RecentRequests(loops.all(), changes);
    lines = new EndedLines(logs.of(Component.HTTP));
    measured =
        new MetricsPage.Sources(
            stats,
            edges,
            clusters,
            identity,
            configured,
            files::dropped,
            logs::dropped,
            Clock.SYSTEM);
    pushers = new MetricsPushers(stats, measured, client, node, folded(logs, Component.MAIN));
  }

  private static FoldedLog folded(Logs logs, Component component) {
    return new FoldedLog(logs.of(component), Clock.SYSTEM);
  }

  private @Nullable Target targetOf(String name) {
    LiveCluster live = clusters.get(name);
    return live == null ? null : Edges.target(name, live.config().service().orElse(null));
  }

  /** Begins what goes on until the end. */
  void start(Collection<MetricsSink> sinks, ControlThread control) {
    pushers.start(sinks);
    control.repeat(TAP_INTERVAL, recent.taps()::sweep);
    control.repeat(EDGE_INTERVAL, edges::sweep);
  }

  /** What is told of each stream, whatever the listener. */
  List<StreamObserver> observers() {
    return List.of(edges, recent, lines);
  }

  /** Who write what listeners say. */
  AccessLoggers accessLoggers() {
    return new AccessLoggers(files, records, receivers);
  }

  TraceExporters traces() {
    return traces;
  }

  LogFiles files() {
    return files;
  }

  Edges edges() {
    return edges;
  }

  RecentRequests recent() {
    return recent;
  }

  /** What metrics are made of. */
  MetricsPage.Sources measured() {
    return measured;
  }

  /** {@code configuration} is about to be in force. Control thread. */
  void applying(Configuration configuration) {
    changes.applied(configuration.listeners(), configuration.routes(), configuration.clusters());
  }

  /** What all of the listeners, which are in force, say of what is told. Control thread. */
  void tell(List<Listener> all) {
    SequencedSet<ListenerTelemetry.Metrics> pushed = new LinkedHashSet<>();
    Set<String> redacted = new HashSet<>();
    for (Listener listener : all) {
      listener
          .filters()
          .telemetry()
          .ifPresent(telemetry -> {
            telemetry.metrics().ifPresent(pushed::add);
            redacted.addAll(telemetry.redactedHeaders());
          });
    }
    recent.redact(redacted);
    pushers.say(pushed);
  }

  /** What waits is sent, for two seconds at most. Before the event loops stop. */
  void end() {
    List<Exporters> senders = List.of(pushers, traces, records, receivers);
    senders.forEach(Exporters::end);
    senders.forEach(Exporters::close);
  }

  /** Writes the last lines. The event loops have stopped. */
  @Override
  public void close() {
    files.close();
  }
}
