package dev.weir.sidecar.metrics;

import dev.weir.sidecar.metrics.MetricsWriter.Bucket;
import dev.weir.sidecar.stats.Histogram;
import dev.weir.sidecar.stats.Stats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The statistics, by the names that Envoy gives them for Prometheus. */
final class StatsMetrics {
  private StatsMetrics() {}

  static void write(List<Stats.Reading> all, MetricsWriter out) {
    Map<String, List<Stats.Reading>> families = new TreeMap<>();
    for (Stats.Reading reading : all) {
      families
          .computeIfAbsent(reading.name().prometheus(), family -> new ArrayList<>())
          .add(reading);
    }
    families.forEach((family, readings) -> {
      out.family(family, type(readings.getFirst().kind()), "");
      readings.forEach(reading -> write(reading, out));
    });
  }

  private static MetricsWriter.Type type(Stats.Kind kind) {
    return switch (kind) {
      case COUNTER -> MetricsWriter.Type.COUNTER;
      case GAUGE -> MetricsWriter.Type.GAUGE;
      case HISTOGRAM -> MetricsWriter.Type.HISTOGRAM;
    };
  }

  private static void write(Stats.Reading reading, MetricsWriter out) {
    Labels labels =
        Labels.of(
            reading.name().prometheusLabels().stream()
                .map(label -> new Labels.Label(label.key(), label.value()))
                .toList());
    if (reading.summary().isEmpty()) {
      out.sample(labels, reading.value());
      return;
    }
    Histogram.Summary summary = reading.summary().get();
    List<Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < summary.bounds().size(); i++) {
      buckets.add(
          new Bucket(summary.bounds().get(i), summary.cumulative().get(i), Optional.empty()));
    }
    buckets.add(new Bucket(Double.POSITIVE_INFINITY, summary.count(), Optional.empty()));
    out.histogram(labels, new MetricsWriter.Histogram(buckets, summary.sum(), Optional.empty()));
  }
}
