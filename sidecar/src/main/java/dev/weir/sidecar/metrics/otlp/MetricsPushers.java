package dev.weir.sidecar.metrics.otlp;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.bootstrap.MetricsSink;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.ListenerTelemetry;
import dev.weir.sidecar.metrics.MetricsPage;
import dev.weir.sidecar.metrics.otlp.MetricsPusher.Origin;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.otlp.ExportCounts;
import dev.weir.sidecar.telemetry.otlp.Exporters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who pushes metrics where: those of the bootstrap, always, and those that listeners in force say,
 * one for each collector and interval however many say it. Any thread.
 */
public final class MetricsPushers implements Exporters {
  /** Of different ones that listeners say; the others are left out, and told. */
  private static final int MOST = 8;

  private final Stats stats;
  private final MetricsPage.Sources sources;
  private final Supplier<AsyncClient> client;
  private final Node node;
  private final FoldedLog log;
  private final long startMillis;
  private final List<MetricsPusher> always = new ArrayList<>();
  private final Map<ListenerTelemetry.Metrics, MetricsPusher> said = new HashMap<>();

  /** Nobody says them any more, and their last round is under way. */
  private final List<MetricsPusher> ending = new ArrayList<>();

  private @Nullable ExportCounts counts;
  private boolean closed;

  /**
   * @param client makes requests to collectors; asked for when there is something to send
   * @param node whose metrics they are, counted from now on
   * @param log told what a collector does not take
   */
  public MetricsPushers(
      Stats stats,
      MetricsPage.Sources sources,
      Supplier<AsyncClient> client,
      Node node,
      FoldedLog log) {
    this.stats = stats;
    this.sources = sources;
    this.client = client;
    this.node = node;
    this.log = log;
    this.startMillis = sources.clock().currentTimeMillis();
  }

  /** Until the end. */
  public synchronized void start(Collection<MetricsSink> sinks) {
    sinks.forEach(sink -> always.add(pusher(sink, Map.of())));
  }

  /**
   * These are said now, and no others: what is new begins, what goes on is left alone, and what is
   * no more said ends with a last round.
   *
   * @param now those that come first go first, where there are too many
   */
  public synchronized void say(SequencedSet<ListenerTelemetry.Metrics> now) {
    if (closed || now.isEmpty() && said.isEmpty()) {
      return;
    }
    said.entrySet()
        .removeIf(entry -> {
          boolean over = !now.contains(entry.getKey());
          if (over) {
            entry.getValue().end();
            ending.add(entry.getValue());
          }
          return over;
        });
    ending.removeIf(MetricsPusher::isOver);
    for (ListenerTelemetry.Metrics metrics : now) {
      if (said.containsKey(metrics)) {
        continue;
      }
      if (said.size() == MOST) {
        leftOut(metrics.service().cluster());
      } else {
        MetricsSink sink = new MetricsSink(metrics.service(), metrics.interval(), false, false, "");
        said.put(metrics, pusher(sink, metrics.attributes()));
      }
    }
  }

  private void leftOut(String cluster) {
    String what = "metrics are not sent to " + cluster + ": there are " + MOST + " others";
    log.tell(cluster, () -> what, times -> what + ", " + times + " times more");
  }

  private MetricsPusher pusher(MetricsSink sink, Map<String, String> attributes) {
    ExportCounts known = counts;
    if (known == null) {
      known = new ExportCounts(stats, "metrics.opentelemetry", "points_sent", "points_dropped");
      counts = known;
    }
    return new MetricsPusher(
        sink, sources, known, client, new Origin(startMillis, node, attributes), log);
  }

  /** As {@link Exporters} says, with a last round of each; no further one begins. */
  @Override
  public synchronized void end() {
    closed = true;
    ending.addAll(always);
    ending.addAll(said.values());
    always.clear();
    said.clear();
    ending.forEach(MetricsPusher::end);
  }

  @Override
  public void close() {
    end();
    List<MetricsPusher> left;
    synchronized (this) {
      left = List.copyOf(ending);
      ending.clear();
    }
    left.forEach(MetricsPusher::close);
  }
}
