package dev.weir.control.metrics;

import dev.weir.control.traffic.Speakers;
import dev.weir.control.traffic.TrafficStore;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What is heard of the mesh's traffic, and what it takes to keep it. Any thread. */
public final class TrafficMeters {
  private final Counter summaries;
  private final Counter folded;
  private final Counter edgesRefused;
  private final Counter streamsEnded;

  public TrafficMeters(PrometheusRegistry registry, TrafficStore store, Speakers speakers) {
    summaries =
        Counter.builder()
            .name("weir_traffic_summaries_total")
            .help("What proxies told of their traffic: summaries, and load reports of Envoy.")
            .register(registry);
    folded =
        Counter.builder()
            .name("weir_traffic_folded_streams_total")
            .help("Streams that sidecars counted without names, for want of room.")
            .register(registry);
    edgesRefused =
        Counter.builder()
            .name("weir_traffic_edges_refused_total")
            .help("Edges of which somebody told who has nothing to do with them.")
            .register(registry);
    streamsEnded =
        Counter.builder()
            .name("weir_traffic_streams_refused_total")
            .help("Streams that were ended for what they told.")
            .register(registry);
    GaugeWithCallback.builder()
        .name("weir_traffic_speakers")
        .help("Proxies that tell of their traffic.")
        .callback(value -> value.call(speakers.size()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("weir_traffic_series")
        .help("Edges of which traffic is kept, by each of the two that may tell of it.")
        .callback(value -> value.call(store.size()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("weir_traffic_bytes")
        .help("Memory that the kept traffic takes, about.")
        .callback(value -> value.call((double) store.bytes()))
        .register(registry);
    CounterWithCallback.builder()
        .name("weir_traffic_folded_samples_total")
        .help("What was told and is kept without names, because there are too many edges.")
        .callback(value -> value.call((double) store.folded()))
        .register(registry);
    CounterWithCallback.builder()
        .name("weir_traffic_shortened_total")
        .help("How often the oldest traffic was forgotten before its time, for want of memory.")
        .callback(value -> value.call((double) store.shortened()))
        .register(registry);
  }

  /**
   * Somebody told something.
   *
   * @param withoutNames streams that were counted so
   */
  public void summary(long withoutNames) {
    summaries.inc();
    if (withoutNames > 0) {
      folded.inc(withoutNames);
    }
  }

  public void refusedEdge() {
    edgesRefused.inc();
  }

  /** A stream was ended for what it told. */
  public void ended() {
    streamsEnded.inc();
  }
}
