package dev.weir.sidecar.metrics;

import dev.weir.sidecar.stats.Histogram;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The statistics, by the names that Envoy gives them for Prometheus. */
final class StatsMetrics {
  private StatsMetrics() {}

  static void write(List<Stats.Reading> all, MetricsText out) {
    Map<String, List<Stats.Reading>> families = new TreeMap<>();
    for (Stats.Reading reading : all) {
      families
          .computeIfAbsent(reading.name().prometheus(), family -> new ArrayList<>())
          .add(reading);
    }
    families.forEach((family, readings) -> {
      out.family(family, type(readings.getFirst().kind()), "");
      readings.forEach(reading -> write(family, reading, out));
    });
  }

  private static MetricsText.Type type(Stats.Kind kind) {
    return switch (kind) {
      case COUNTER -> MetricsText.Type.COUNTER;
      case GAUGE -> MetricsText.Type.GAUGE;
      case HISTOGRAM -> MetricsText.Type.HISTOGRAM;
    };
  }

  private static void write(String family, Stats.Reading reading, MetricsText out) {
    Labels named = new Labels();
    for (StatName.Label label : reading.name().prometheusLabels()) {
      named.with(label.key(), label.value());
    }
    String labels = named.toString();
    if (reading.summary().isEmpty()) {
      out.sample(family, labels, reading.value());
      return;
    }
    Histogram.Summary summary = reading.summary().get();
    for (int i = 0; i < summary.bounds().size(); i++) {
      out.bucket(family, labels, out.bound(summary.bounds().get(i)), summary.cumulative().get(i));
    }
    out.bucket(family, labels, "+Inf", summary.count());
    out.sample(family + "_sum", labels, summary.sum());
    out.sample(family + "_count", labels, summary.count());
  }
}
