package dev.weir.sidecar.metrics.otlp;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.OtlpService;
import dev.weir.sidecar.config.bootstrap.MetricsSink;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.metrics.MetricsPage;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.telemetry.otlp.ExportCounts;
import dev.weir.sidecar.telemetry.otlp.OtlpIdentity;
import dev.weir.sidecar.telemetry.otlp.OtlpSender;
import dev.weir.sidecar.telemetry.otlp.OtlpSignal;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.resources.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends all metrics to one collector, again and again, from a thread of its own: one message at a
 * time. A collector that is slow or away costs the rounds that it misses; what is counted goes on
 * and is told by the next that it takes.
 */
public final class MetricsPusher implements AutoCloseable {
  /** Of the last round, when the sidecar ends. */
  private static final Duration LAST = Duration.ofSeconds(2);

  private static final Duration GRACE = Duration.ofMillis(500);
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final MetricsSink sink;
  private final MetricsPage.Sources sources;
  private final ExportCounts counts;
  private final Supplier<Sender> senders;
  private final Clock clock;
  private final long startNanos;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Sender sender;

  /**
   * Whose metrics they are.
   *
   * @param startMillis since when they are counted, since 1970, UTC
   * @param attributes beside the node's
   */
  record Origin(long startMillis, Node node, Map<String, String> attributes) {
    Origin {
      attributes = Map.copyOf(attributes);
    }
  }

  /** The SDK, from the first round on. */
  private record Sender(
      OtlpSender to, MetricExporter exporter, Resource resource, InstrumentationScopeInfo scope) {}

  /**
   * Begins.
   *
   * @param whose since when it counts, and who sends it
   * @param log told what the collector does not take
   */
  public MetricsPusher(
      MetricsSink sink,
      MetricsPage.Sources sources,
      ExportCounts counts,
      Supplier<AsyncClient> client,
      Origin whose,
      FoldedLog log) {
    this.sink = sink;
    this.sources = sources;
    this.counts = counts;
    this.senders = () -> sender(sink.service(), client.get(), whose, log);
    this.clock = sources.clock();
    this.startNanos = whose.startMillis() * NANOS_PER_MILLI;
    this.thread = Thread.ofPlatform().name("otlp").daemon(true).unstarted(this::run);
    thread.start();
  }

  private static Sender sender(
      OtlpService service, AsyncClient client, Origin whose, FoldedLog log) {
    OtlpSender to = new OtlpSender(OtlpSignal.METRICS, service, client, log);
    MetricExporter exporter =
        OtlpHttpMetricExporter.builder()
            .setComponentLoader(to.components())
            .setMeterProvider(MeterProvider.noop())
            .build();
    return new Sender(
        to,
        exporter,
        OtlpIdentity.resource(whose.node(), "", whose.attributes()),
        OtlpIdentity.scope());
  }

  private long now() {
    return clock.currentTimeMillis() * NANOS_PER_MILLI;
  }

  private void run() {
    Book book = new Book();
    long told = startNanos;
    boolean ends = false;
    while (!ends) {
      ends = waited();
      Sender to = sender();
      if (ends) {
        to.to().hurry(LAST);
      }
      long now = now();
      boolean taken = round(to, book, told, now);
      book.told(taken);
      told = taken ? now : told;
    }
    sender().exporter().shutdown();
  }

  /** True: it is to end. */
  private boolean waited() {
    try {
      return closing.await(sink.interval().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return true; // nobody does that but to end it
    }
  }

  private Sender sender() {
    Sender known = sender;
    if (known == null) {
      known = senders.get();
      sender = known;
    }
    return known;
  }

  /** False: nothing was taken, and all can be told again. */
  private boolean round(Sender to, Book book, long told, long now) {
    Points points = new Points(to.resource(), to.scope(), sink, book, startNanos, told, now);
    MetricsPage.write(sources, points);
    List<List<MetricData>> messages = points.messages();
    int left = points.count();
    for (List<MetricData> message : messages) {
      int size = message.stream().mapToInt(each -> each.getData().getPoints().size()).sum();
      if (!to.to().sent(size, () -> to.exporter().export(message))) {
        counts.failed(left); // the rest would fare no better
        return left < points.count();
      }
      counts.sent(size);
      left -= size;
    }
    return true;
  }

  /** The last round is sent within two seconds, or not. Any thread; waits for nothing. */
  void end() {
    closing.countDown();
    Sender known = sender;
    if (known != null) {
      known.to().hurry(LAST);
    }
  }

  /** Its last round is over. */
  boolean isOver() {
    return !thread.isAlive();
  }

  /** {@link #end}, and waits for it. Before the event loops stop. */
  @Override
  public void close() {
    end();
    try {
      thread.join(LAST.plus(GRACE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
