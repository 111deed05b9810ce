package dev.weir.sidecar.metrics;

import com.google.protobuf.Timestamp;
import dev.weir.sidecar.telemetry.edge.Durations;
import dev.weir.sidecar.telemetry.edge.Exemplar;
import io.prometheus.client.Metrics;
import io.prometheus.client.Metrics.BucketSpan;
import io.prometheus.client.Metrics.LabelPair;
import io.prometheus.client.Metrics.Metric;
import io.prometheus.client.Metrics.MetricFamily;
import io.prometheus.client.Metrics.MetricType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Messages of protobuf, each with its length before it: a family each. Fine histograms are native
 * ones of Prometheus too, beside their few buckets. Loaded when somebody asks for these.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#protobuf-format
 */
final class MetricsMessages implements MetricsWriter {
  /** Eight buckets to a power of two, as {@link Durations} has them. */
  private static final int SCHEMA = 3;

  /** Below is zero: as Prometheus's own libraries have it. */
  private static final double ZERO_THRESHOLD = 0x1p-128;

  /** So many empty buckets are told as such; more are a gap. */
  private static final int SMALL_GAP = 2;

  private static final double NANO = 1e-9;
  private static final int MILLIS = 1000;
  private static final int NANOS_PER_MILLI = 1_000_000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private MetricFamily.@Nullable Builder family;

  @Override
  public boolean exemplars() {
    return true;
  }

  @Override
  public void family(String name, Type type, String help) {
    flush();
    MetricFamily.Builder begun = MetricFamily.newBuilder().setName(name).setType(type(type));
    if (!help.isEmpty()) {
      begun.setHelp(help);
    }
    family = begun;
  }

  private static MetricType type(Type type) {
    return switch (type) {
      case COUNTER -> MetricType.COUNTER;
      case GAUGE -> MetricType.GAUGE;
      case HISTOGRAM -> MetricType.HISTOGRAM;
    };
  }

  /** A family without samples is none. */
  private void flush() {
    MetricFamily.Builder begun = family;
    if (begun == null || begun.getMetricCount() == 0) {
      return;
    }
    try {
      begun.build().writeDelimitedTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it is memory
    }
    family = null;
  }

  private MetricFamily.Builder begun() {
    MetricFamily.Builder begun = family;
    if (begun == null) {
      throw new IllegalStateException("no family has begun");
    }
    return begun;
  }

  @Override
  public void sample(Labels labels, long value) {
    sample(labels, (double) value);
  }

  @Override
  public void sample(Labels labels, double value) {
    MetricFamily.Builder begun = begun();
    Metric.Builder metric = metric(begun, labels);
    if (begun.getType() == MetricType.COUNTER) {
      metric.getCounterBuilder().setValue(value);
    } else {
      metric.getGaugeBuilder().setValue(value);
    }
  }

  private static Metric.Builder metric(MetricFamily.Builder family, Labels labels) {
    Metric.Builder metric = family.addMetricBuilder();
    labels
        .all()
        .forEach(label ->
            metric.addLabel(LabelPair.newBuilder().setName(label.name()).setValue(label.value())));
    return metric;
  }

  @Override
  public void histogram(Labels labels, Histogram histogram) {
    Metrics.Histogram.Builder made = metric(begun(), labels).getHistogramBuilder();
    made.setSampleCount(histogram.count()).setSampleSum(histogram.sum().doubleValue());
    for (Bucket bucket : histogram.buckets()) {
      Metrics.Bucket.Builder each =
          made.addBucketBuilder()
              .setUpperBound(bucket.bound())
              .setCumulativeCount(bucket.cumulative());
      bucket.exemplar().ifPresent(exemplar -> each.setExemplar(exemplar(exemplar)));
    }
    histogram.fine().ifPresent(durations -> fine(durations, made));
  }

  private static Metrics.Exemplar.Builder exemplar(Exemplar exemplar) {
    return Metrics.Exemplar.newBuilder()
        .addLabel(LabelPair.newBuilder().setName("trace_id").setValue(exemplar.traceId()))
        .setValue(exemplar.nanos() * NANO)
        .setTimestamp(
            Timestamp.newBuilder()
                .setSeconds(exemplar.atMillis() / MILLIS)
                .setNanos((int) (exemplar.atMillis() % MILLIS) * NANOS_PER_MILLI));
  }

  /** Spans of buckets that are next to each other, and each count as its difference. */
  private static void fine(Durations durations, Metrics.Histogram.Builder made) {
    made.setSchema(SCHEMA).setZeroThreshold(ZERO_THRESHOLD).setZeroCount(0);
    long[] counts = durations.counts();
    BucketSpan.@Nullable Builder span = null;
    int next = 0; // the bucket after the last that was told
    long before = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] == 0) {
        continue;
      }
      int bucket = durations.first() + i;
      if (span == null || bucket - next > SMALL_GAP) {
        span = made.addPositiveSpanBuilder().setOffset(bucket - next);
        next = bucket;
      }
      for (; next < bucket; next++) {
        made.addPositiveDelta(-before);
        before = 0;
        span.setLength(span.getLength() + 1);
      }
      made.addPositiveDelta(counts[i] - before);
      before = counts[i];
      span.setLength(span.getLength() + 1);
      next = bucket + 1;
    }
    if (span == null) {
      made.addPositiveSpan(BucketSpan.newBuilder().setOffset(0).setLength(0));
    }
  }

  /** What another has written. */
  void append(ByteBuffer messages) {
    flush();
    byte[] bytes = new byte[messages.remaining()];
    messages.duplicate().get(bytes);
    out.writeBytes(bytes);
  }

  /** All of it; nothing comes after. */
  InputStream end() {
    flush();
    return new ByteArrayInputStream(out.toByteArray());
  }
}
