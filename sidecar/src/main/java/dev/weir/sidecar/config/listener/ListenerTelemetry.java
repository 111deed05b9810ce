package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.OtlpService;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * {@code weir.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry}: what the sidecar
 * tells whichever listener it is of, as long as this one is in force.
 */
public record ListenerTelemetry(Optional<Metrics> metrics) {
  /**
   * All metrics, to a collector.
   *
   * @param interval between two pushes, above zero
   * @param attributes of who sends them, beside what is known of the node
   */
  public record Metrics(OtlpService service, Duration interval, Map<String, String> attributes) {
    public Metrics {
      attributes = Map.copyOf(attributes);
    }
  }
}
