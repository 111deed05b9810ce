package dev.weir.sidecar.filter.http.bulkhead;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.RouteMatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code weir.extensions.filters.http.bulkhead.v1alpha1.Bulkhead}.
 *
 * @param scope what shares the slots
 * @param policy namespace/name of the policy a person wrote
 * @param maxRequests 0 is no bound
 * @param queue empty: nobody waits
 * @param exclude requests that any of these matches take no slot
 * @param shadow decide and count, do not refuse
 */
public record BulkheadConfig(
    String scope,
    String policy,
    int maxRequests,
    Optional<Queue> queue,
    List<Match> exclude,
    boolean shadow)
    implements FilterConfig {
  public BulkheadConfig {
    exclude = List.copyOf(exclude);
  }

  /**
   * @param length the most that wait, at least 1
   * @param longest that one waits, above 0
   * @param newestFirst who came last is next
   */
  public record Queue(int length, Duration longest, boolean newestFirst) {}

  /** {@code method} empty: any. */
  public record Match(RouteMatch match, String method) {}
}
