package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.stats.Stats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The queues of spans, one for each place that they go to, however many configurations name it; one
 * is there as long as any of these is in force. Control thread.
 */
public final class TraceExporters implements AutoCloseable {
  /** Of a queue that is done with, for what still waits in it. */
  private static final Duration LAST = Duration.ofSeconds(2);

  private final Stats stats;
  private final Supplier<AsyncClient> client;
  private final Node node;
  private final FoldedLog log;
  private final Map<Tracing.Exporter, Held> open = new HashMap<>();
  private @Nullable TraceStats counted;

  private static final class Held {
    private final SpanQueue queue;

    /** Observers of configurations in force. */
    private int holders;

    Held(SpanQueue queue) {
      this.queue = queue;
    }
  }

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
  synchronized SpanQueue take(Tracing.Exporter exporter) {
    Held held = open.computeIfAbsent(exporter, this::make);
    held.holders++;
    return held.queue;
  }

  private Held make(Tracing.Exporter exporter) {
    TraceStats ofAll = counted;
    if (ofAll == null) {
      ofAll = new TraceStats(stats);
      counted = ofAll;
    }
    return new Held(
        new SpanQueue(
            ofAll,
            () ->
                new OtlpSender(
                    exporter.service(), OtlpResource.spans(exporter, node), client.get(), log)));
  }

  synchronized void release(Tracing.Exporter exporter) {
    Held held = open.get(exporter);
    if (held != null && --held.holders == 0) {
      open.remove(exporter);
      held.queue.close(LAST);
    }
  }

  /** Sends what waits, for two seconds at most. Before the event loops stop. */
  @Override
  public void close() {
    List<SpanQueue> left = new ArrayList<>();
    synchronized (this) {
      open.values().forEach(held -> left.add(held.queue));
      open.clear();
    }
    left.forEach(queue -> queue.close(LAST));
    try {
      for (SpanQueue queue : left) {
        queue.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
