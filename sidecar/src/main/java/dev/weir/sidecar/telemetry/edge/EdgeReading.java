package dev.weir.sidecar.telemetry.edge;

import java.util.List;

/**
 * What was counted of an edge, by all loops, since it is known.
 *
 * @param received bytes of bodies, or of what is no HTTP, from who calls
 * @param sent bytes to who calls
 * @param exemplars of durations far apart, the shortest first; none without traces
 */
public record EdgeReading(
    Edge edge, Durations durations, long received, long sent, List<Exemplar> exemplars) {
  public EdgeReading {
    exemplars = List.copyOf(exemplars);
  }

  public long count() {
    return durations.count();
  }
}
