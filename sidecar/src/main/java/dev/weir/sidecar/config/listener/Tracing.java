package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.OtlpService;
import java.util.List;
import java.util.Map;

/**
 * {@code HttpConnectionManager.Tracing} with the provider {@code envoy.tracers.opentelemetry}.
 *
 * @param samplePerMillion share of the traces begun here that are sampled, 0 to 1,000,000; where
 *     the chain has a filter that begins traces, the filter's own holds
 * @param upstreamSpans each attempt has a span of its own
 * @param maxPathLength of a path in a span, in characters; a longer one is cut
 * @param tags further attributes of a stream's span
 */
public record Tracing(
    Exporter exporter,
    int samplePerMillion,
    boolean upstreamSpans,
    int maxPathLength,
    List<Tag> tags) {
  public Tracing {
    tags = List.copyOf(tags);
  }

  /**
   * Where spans go, and who sends them.
   *
   * @param serviceName empty: the node's cluster
   * @param attributes of the resource, beside that
   */
  public record Exporter(OtlpService service, String serviceName, Map<String, String> attributes) {
    public Exporter {
      attributes = Map.copyOf(attributes);
    }
  }

  /** An attribute that the configuration names; empty values are left out. */
  public sealed interface Tag {
    String name();

    record Literal(String name, String value) implements Tag {}

    /**
     * @param header in lower case
     * @param otherwise where the request has no such field
     */
    record Header(String name, String header, String otherwise) implements Tag {}
  }
}
