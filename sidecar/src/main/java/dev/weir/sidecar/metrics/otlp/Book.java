package dev.weir.sidecar.metrics.otlp;

import dev.weir.sidecar.metrics.Labels;
import dev.weir.sidecar.metrics.MetricsWriter.Bucket;
import dev.weir.sidecar.metrics.MetricsWriter.Histogram;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a collector has been told in all, for who wants differences. What it has not taken is in the
 * difference of the next time. One thread.
 */
final class Book {
  /** A series. */
  private record Key(String name, Labels labels) {}

  private Map<Key, Long> counters = new HashMap<>();
  private Map<Key, Histogram> histograms = new HashMap<>();
  private Map<Key, Long> nextCounters = new HashMap<>();
  private Map<Key, Histogram> nextHistograms = new HashMap<>();

  /** What has come since it was told; all of what has begun anew. */
  long since(String name, Labels labels, long value) {
    Key key = new Key(name, labels);
    nextCounters.put(key, value);
    long before = counters.getOrDefault(key, 0L);
    return value < before ? value : value - before;
  }

  /** The same of a histogram. */
  Histogram since(String name, Labels labels, Histogram value) {
    Key key = new Key(name, labels);
    nextHistograms.put(key, value);
    Histogram before = histograms.get(key);
    if (before == null
        || before.count() > value.count()
        || before.buckets().size() != value.buckets().size()) {
      return value;
    }
    List<Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < value.buckets().size(); i++) {
      Bucket now = value.buckets().get(i);
      long rest = now.cumulative() - before.buckets().get(i).cumulative();
      buckets.add(new Bucket(now.bound(), Math.max(0, rest), now.exemplar()));
    }
    return new Histogram(
        buckets,
        Math.max(0, value.sum().doubleValue() - before.sum().doubleValue()),
        value.fine().map(fine -> before.fine().map(fine::since).orElse(fine)));
  }

  /** The collector has taken all that was asked about since this was said last, or has not. */
  void told(boolean taken) {
    if (taken) {
      counters = nextCounters;
      histograms = nextHistograms;
    }
    nextCounters = new HashMap<>();
    nextHistograms = new HashMap<>();
  }
}
