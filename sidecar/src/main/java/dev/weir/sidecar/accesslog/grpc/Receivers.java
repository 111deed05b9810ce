package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.otlp.ExportCounts;
import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.telemetry.otlp.ExportQueues;
import dev.weir.sidecar.telemetry.otlp.Exporters;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The queues of entries, one for each log of a receiver. Control thread. */
public final class Receivers implements Exporters {
  private final Stats stats;
  private final Supplier<AsyncClient> client;
  private final Supplier<Node> node;
  private final FoldedLog log;
  private final ExportQueues<AccessLog.Receiver, Entry> queues = new ExportQueues<>(this::make);

  /** Of all receivers, as Envoy's; they outlive queues. */
  private @Nullable ExportCounts counts;

  /**
   * @param client makes requests to receivers; asked for when there is something to send
   * @param node who sends; asked for then, too
   * @param log told when a receiver cannot be reached, does not read, or has ended a stream
   */
  public Receivers(Stats stats, Supplier<AsyncClient> client, Supplier<Node> node, FoldedLog log) {
    this.stats = stats;
    this.client = client;
    this.node = node;
    this.log = log;
  }

  /** A queue that is to be given back by {@link #release}. */
  ExportQueue<Entry> take(AccessLog.Receiver receiver) {
    return queues.take(receiver);
  }

  private ExportQueue<Entry> make(AccessLog.Receiver receiver) {
    AccessLog.Buffering buffering = receiver.buffering();
    ExportCounts counting = counts();
    return new ExportQueue<>(
        "als",
        counting,
        ExportQueue.Bounds.ofLog(buffering.bytes(), buffering.interval()),
        one -> 1,
        Entry::weight,
        () -> new EntrySender(receiver, node.get(), client.get(), counting, log));
  }

  private ExportCounts counts() {
    ExportCounts known = counts;
    if (known == null) {
      known =
          new ExportCounts(stats, "access_logs.grpc_access_log", "logs_written", "logs_dropped");
      counts = known;
    }
    return known;
  }

  void release(AccessLog.Receiver receiver) {
    queues.release(receiver);
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
