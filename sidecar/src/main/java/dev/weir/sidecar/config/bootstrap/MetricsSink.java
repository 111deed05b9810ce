package dev.weir.sidecar.config.bootstrap;

import dev.weir.sidecar.config.OtlpService;
import java.time.Duration;

/**
 * {@code stats_sinks} with {@code envoy.stat_sinks.open_telemetry}: a collector that gets metrics.
 *
 * @param interval between two requests, above zero
 * @param counterDeltas counters tell what has come since they were told last, and not all
 * @param histogramDeltas histograms do
 * @param prefix of each name, with a dot behind it; empty for none
 */
public record MetricsSink(
    OtlpService service,
    Duration interval,
    boolean counterDeltas,
    boolean histogramDeltas,
    String prefix) {}
