package dev.weir.sidecar.metrics.otlp;

import dev.weir.sidecar.config.bootstrap.MetricsSink;
import dev.weir.sidecar.metrics.Labels;
import dev.weir.sidecar.metrics.MetricsWriter;
import dev.weir.sidecar.telemetry.edge.Durations;
import dev.weir.sidecar.telemetry.edge.Exemplar;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.Data;
import io.opentelemetry.sdk.metrics.data.DoubleExemplarData;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramBuckets;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramData;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramPointData;
import io.opentelemetry.sdk.metrics.data.GaugeData;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.metrics.data.SumData;
import io.opentelemetry.sdk.resources.Resource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Metrics as points of OpenTelemetry's, all of one moment, in messages of bounded size. A counter's
 * name is without {@code _total}, which who stores it for Prometheus adds; fine histograms are
 * exponential ones, the others have buckets with bounds.
 */
final class Points implements MetricsWriter {
  /** Of one message; a collector takes 4 MiB. */
  static final int MOST_OF_A_MESSAGE = 2000;

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final double NANO = 1e-9;
  private static final String TOTAL = "_total";
  private static final String SECONDS = "_seconds";
  private static final String BYTES = "_bytes";

  /** As {@link Durations} has them: 2^3 buckets to a power of two. */
  private static final int SCALE = 3;

  private final Resource resource;
  private final InstrumentationScopeInfo scope;
  private final MetricsSink sink;
  private final Book book;
  private final long startNanos;
  private final long sinceNanos;
  private final long nowNanos;

  private final List<List<MetricData>> messages = new ArrayList<>();
  private List<MetricData> message = new ArrayList<>();
  private int inMessage;
  private int count;

  private String name = "";
  private String help = "";
  private Type type = Type.GAUGE;
  private final List<LongPointData> longs = new ArrayList<>();
  private final List<DoublePointData> doubles = new ArrayList<>();
  private final List<HistogramPointData> coarse = new ArrayList<>();
  private final List<ExponentialHistogramPointData> fine = new ArrayList<>();

  /**
   * @param startNanos since when all is counted
   * @param sinceNanos since when differences are
   */
  Points(
      Resource resource,
      InstrumentationScopeInfo scope,
      MetricsSink sink,
      Book book,
      long startNanos,
      long sinceNanos,
      long nowNanos) {
    this.resource = resource;
    this.scope = scope;
    this.sink = sink;
    this.book = book;
    this.startNanos = startNanos;
    this.sinceNanos = sinceNanos;
    this.nowNanos = nowNanos;
  }

  @Override
  public boolean exemplars() {
    return true;
  }

  @Override
  public void family(String family, Type kind, String sentence) {
    flush();
    name = family;
    help = sentence;
    type = kind;
  }

  @Override
  public void sample(Labels labels, long value) {
    boolean delta = type == Type.COUNTER && sink.counterDeltas();
    longs.add(
        LongPointData.create(
            start(delta),
            nowNanos,
            attributes(labels),
            delta ? book.since(name, labels, value) : value));
    added();
  }

  @Override
  public void sample(Labels labels, double value) {
    doubles.add(
        DoublePointData.create(start(false), nowNanos, attributes(labels), value, List.of()));
    added();
  }

  @Override
  public void histogram(Labels labels, Histogram histogram) {
    boolean delta = sink.histogramDeltas();
    Histogram told = delta ? book.since(name, labels, histogram) : histogram;
    if (told.fine().isPresent()) {
      fine.add(point(labels, told, told.fine().get(), start(delta)));
    } else {
      coarse.add(point(labels, told, start(delta)));
    }
    added();
  }

  private ExponentialHistogramPointData point(
      Labels labels, Histogram told, Durations durations, long start) {
    List<Long> counts = Arrays.stream(durations.counts()).boxed().toList();
    return ExponentialHistogramPointData.create(
        SCALE,
        told.sum().doubleValue(),
        0,
        false,
        0,
        false,
        0,
        // Bucket i of Prometheus's, and ours, ends where theirs of that number begins.
        ExponentialHistogramBuckets.create(SCALE, durations.first() - 1, counts),
        ExponentialHistogramBuckets.create(SCALE, 0, List.of()),
        start,
        nowNanos,
        attributes(labels),
        exemplars(told));
  }

  /** Those that have come since all was told last, and whose span is known. */
  private List<DoubleExemplarData> exemplars(Histogram told) {
    List<DoubleExemplarData> made = new ArrayList<>();
    for (Bucket bucket : told.buckets()) {
      Exemplar exemplar = bucket.exemplar().orElse(null);
      long at = exemplar == null ? 0 : exemplar.atMillis() * NANOS_PER_MILLI;
      if (exemplar == null || at < sinceNanos || at >= nowNanos) {
        continue;
      }
      SpanContext context =
          SpanContext.create(
              exemplar.traceId(),
              exemplar.spanId(),
              TraceFlags.getSampled(),
              TraceState.getDefault());
      if (context.isValid()) {
        made.add(
            DoubleExemplarData.create(Attributes.empty(), at, context, exemplar.nanos() * NANO));
      }
    }
    return made;
  }

  private HistogramPointData point(Labels labels, Histogram told, long start) {
    List<Double> bounds = new ArrayList<>();
    List<Long> counts = new ArrayList<>();
    long before = 0;
    for (Bucket bucket : told.buckets()) {
      if (!Double.isInfinite(bucket.bound())) {
        bounds.add(bucket.bound());
      }
      counts.add(Math.max(0, bucket.cumulative() - before));
      before = bucket.cumulative();
    }
    return HistogramPointData.create(
        start,
        nowNanos,
        attributes(labels),
        told.sum().doubleValue(),
        false,
        0,
        false,
        0,
        bounds,
        counts);
  }

  private long start(boolean delta) {
    return delta ? sinceNanos : startNanos;
  }

  private static Attributes attributes(Labels labels) {
    AttributesBuilder attributes = Attributes.builder();
    labels.all().forEach(label -> attributes.put(label.name(), label.value()));
    return attributes.build();
  }

  private void added() {
    count++;
    if (++inMessage >= MOST_OF_A_MESSAGE) {
      next();
    }
  }

  private void next() {
    flush();
    if (!message.isEmpty()) {
      messages.add(message);
      message = new ArrayList<>();
    }
    inMessage = 0;
  }

  private void flush() {
    boolean counter = type == Type.COUNTER;
    AggregationTemporality ofCounters = temporality(sink.counterDeltas());
    AggregationTemporality ofHistograms = temporality(sink.histogramDeltas());
    put(
        longs,
        counter ? MetricDataType.LONG_SUM : MetricDataType.LONG_GAUGE,
        counter
            ? SumData.createLongSumData(true, ofCounters, List.copyOf(longs))
            : GaugeData.createLongGaugeData(List.copyOf(longs)));
    put(
        doubles,
        counter ? MetricDataType.DOUBLE_SUM : MetricDataType.DOUBLE_GAUGE,
        counter
            ? SumData.createDoubleSumData(
                true, AggregationTemporality.CUMULATIVE, List.copyOf(doubles))
            : GaugeData.createDoubleGaugeData(List.copyOf(doubles)));
    put(coarse, MetricDataType.HISTOGRAM, HistogramData.create(ofHistograms, List.copyOf(coarse)));
    put(
        fine,
        MetricDataType.EXPONENTIAL_HISTOGRAM,
        ExponentialHistogramData.create(ofHistograms, List.copyOf(fine)));
  }

  private static AggregationTemporality temporality(boolean delta) {
    return delta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
  }

  private void put(List<? extends PointData> points, MetricDataType kind, Data<?> data) {
    if (!points.isEmpty()) {
      message.add(new Metric(resource, scope, sink.prefix() + told(), help, unit(), kind, data));
      points.clear();
    }
  }

  private String told() {
    return type == Type.COUNTER && name.endsWith(TOTAL)
        ? name.substring(0, name.length() - TOTAL.length())
        : name;
  }

  private String unit() {
    String told = told();
    return told.endsWith(SECONDS) ? "s" : told.endsWith(BYTES) ? "By" : "";
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** All of them; nothing comes after. */
  List<List<MetricData>> messages() {
    next();
    return messages;
  }
}
