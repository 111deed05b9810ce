package dev.weir.sidecar.accesslog.otlp;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.otlp.ExportCounts;
import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.telemetry.otlp.ExportQueues;
import dev.weir.sidecar.telemetry.otlp.Exporters;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The queues of records, one for each place that they go to. Control thread. */
public final class OtlpLogs implements Exporters {
  private final Stats stats;
  private final Supplier<AsyncClient> client;
  private final Node node;
  private final FoldedLog log;
  private final ExportQueues<AccessLog.Exporter, Entry> queues = new ExportQueues<>(this::make);

  /** By the prefix of their names; they outlive queues. */
  private final Map<String, ExportCounts> counts = new HashMap<>();

  /**
   * @param client makes requests to collectors; asked for when there is something to send
   * @param node who sends
   * @param log told what a collector does not take
   */
  public OtlpLogs(Stats stats, Supplier<AsyncClient> client, Node node, FoldedLog log) {
    this.stats = stats;
    this.client = client;
    this.node = node;
    this.log = log;
  }

  /** A queue that is to be given back by {@link #release}. */
  ExportQueue<Entry> take(AccessLog.Exporter exporter) {
    return queues.take(exporter);
  }

  private ExportQueue<Entry> make(AccessLog.Exporter exporter) {
    AccessLog.Buffering buffering = exporter.buffering();
    return new ExportQueue<>(
        "otlp",
        counts.computeIfAbsent(exporter.statPrefix(), this::counts),
        ExportQueue.Bounds.ofLog(buffering.bytes(), buffering.interval()),
        one -> 1,
        Entry::weight,
        () -> new RecordSender(exporter, node, client.get(), log));
  }

  private ExportCounts counts(String prefix) {
    return new ExportCounts(
        stats,
        "access_logs.open_telemetry_access_log" + (prefix.isEmpty() ? "" : "." + prefix),
        "logs_written",
        "logs_dropped");
  }

  void release(AccessLog.Exporter exporter) {
    queues.release(exporter);
  }

  @Override
  public void end() {
    queues.end();
  }

  @Override
  public void close() {
    queues.close();
  }
}
