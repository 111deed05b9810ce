package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.otlp.ExportCounts;
import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.telemetry.otlp.ExportQueues;
import dev.weir.sidecar.telemetry.otlp.Exporters;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The queues of spans, one for each place that they go to. Control thread. */
public final class TraceExporters implements Exporters {
  private final Stats stats;
  private final Supplier<AsyncClient> client;
  private final Node node;
  private final FoldedLog log;
  private final ExportQueues<Tracing.Exporter, EndedStream> queues = new ExportQueues<>(this::make);
  private @Nullable ExportCounts counted;

  /**
   * @param client makes requests to collectors; asked for when the first exporter is made
   * @param node who sends
   * @param log told what a collector does not take
   */
  public TraceExporters(Stats stats, Supplier<AsyncClient> client, Node node, FoldedLog log) {
    this.stats = stats;
    this.client = client;
    this.node = node;
    this.log = log;
  }

  /** A queue that is to be given back by {@link #release}. */
  ExportQueue<EndedStream> take(Tracing.Exporter exporter) {
    return queues.take(exporter);
  }

  private ExportQueue<EndedStream> make(Tracing.Exporter exporter) {
    ExportCounts ofAll = counted;
    if (ofAll == null) {
      ofAll = new ExportCounts(stats, "tracing.opentelemetry", "spans_sent", "spans_dropped");
      counted = ofAll;
    }
    return new ExportQueue<>(
        ofAll, EndedStream::spans, () -> new SpanSender(exporter, node, client.get(), log));
  }

  void release(Tracing.Exporter exporter) {
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
