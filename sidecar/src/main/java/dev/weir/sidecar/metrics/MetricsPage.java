package dev.weir.sidecar.metrics;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.identity.IdentityStatus;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.edge.Edges;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** {@code /stats/prometheus}. Any thread that may wait. */
public final class MetricsPage {
  private static final double NANOS = 1e9;

  private final Sources sources;
  private final Optional<AppMetrics> app;

  /**
   * What is told of.
   *
   * @param identity empty: the workload has none
   * @param configured when the configuration has changed last; empty: there is none yet
   * @param droppedLogLines of access logs
   * @param droppedMessages of the sidecar's own
   */
  public record Sources(
      Stats stats,
      Edges edges,
      ClusterManager clusters,
      Supplier<Optional<IdentityStatus>> identity,
      Supplier<Optional<Instant>> configured,
      LongSupplier droppedLogLines,
      LongSupplier droppedMessages,
      Clock clock) {}

  /**
   * @param app whose metrics come behind our own; empty: nobody's
   */
  public MetricsPage(Sources sources, Optional<AppMetrics> app) {
    this.sources = sources;
    this.app = app;
  }

  /** What was written. */
  public sealed interface Written {
    MetricsFormat format();
  }

  public record Text(MetricsFormat format, String text) implements Written {}

  /** In {@link MetricsFormat#PROTOBUF}. */
  public record Messages(InputStream bytes) implements Written {
    @Override
    public MetricsFormat format() {
      return MetricsFormat.PROTOBUF;
    }
  }

  /**
   * @param wanted by whoever asks; an app that has it not gets what it has for both
   */
  public Written write(MetricsFormat wanted) {
    Optional<AppMetrics.Scrape> scrape = app.map(each -> each.ask(wanted));
    boolean merged = scrape.filter(each -> each.failure().isEmpty()).isPresent();
    MetricsFormat format = merged ? scrape.orElseThrow().format() : wanted;
    if (format == MetricsFormat.PROTOBUF) {
      MetricsMessages out = new MetricsMessages();
      own(scrape, merged, out);
      scrape.ifPresent(each -> out.append(each.messages()));
      return new Messages(out.end());
    }
    MetricsText out = new MetricsText(format == MetricsFormat.OPENMETRICS);
    own(scrape, merged, out);
    scrape.ifPresent(each -> out.append(each.text()));
    return new Text(format, out.end());
  }

  private void own(Optional<AppMetrics.Scrape> scrape, boolean merged, MetricsWriter out) {
    write(sources, out);
    scrape.ifPresent(each -> {
      out.family(
          "weir_app_scrape_up",
          MetricsWriter.Type.GAUGE,
          "Whether the app's own metrics are here too.");
      out.sample(Labels.NONE, merged ? 1L : 0L);
      out.family(
          "weir_app_scrape_duration_seconds",
          MetricsWriter.Type.GAUGE,
          "How long the app took for them.");
      out.sample(Labels.NONE, each.took().toNanos() / NANOS);
    });
  }

  /** All of our own, as they are now. */
  public static void write(Sources sources, MetricsWriter out) {
    StatsMetrics.write(sources.stats.read(), out);
    EdgeMetrics.write(sources.edges, out);
    StateMetrics.clusters(
        sources.clusters.all().values(), sources.stats, sources.clock.nanoTime(), out);
    StateMetrics.certificate(sources.identity.get(), out);
    StateMetrics.configuration(sources.configured.get(), out);
    out.family(
        "weir_access_log_lines_dropped_total",
        MetricsWriter.Type.COUNTER,
        "Lines of access logs that could not be written in time.");
    out.sample(Labels.NONE, sources.droppedLogLines.getAsLong());
    out.family(
        "weir_log_messages_dropped_total",
        MetricsWriter.Type.COUNTER,
        "Messages of the sidecar's own that nobody has read in time.");
    out.sample(Labels.NONE, sources.droppedMessages.getAsLong());
  }
}
