package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.OtlpService;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code weir.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry}: what the sidecar
 * tells whichever listener it is of, as long as this one is in force.
 *
 * @param redactedHeaders names of fields, in lower case, whose values nobody is told
 */
public record ListenerTelemetry(Optional<Metrics> metrics, Set<String> redactedHeaders) {
  public ListenerTelemetry {
    redactedHeaders = Set.copyOf(redactedHeaders);
  }

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
