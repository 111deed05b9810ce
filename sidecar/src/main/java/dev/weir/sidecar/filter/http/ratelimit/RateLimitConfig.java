package dev.weir.sidecar.filter.http.ratelimit;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.RouteMatch;
import java.util.List;

/**
 * {@code weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit}: all matching limits must
 * admit; a refused request takes no token from any.
 */
public record RateLimitConfig(List<Limit> limits) implements FilterConfig {
  public RateLimitConfig {
    limits = List.copyOf(limits);
  }

  /**
   * @param policy namespace/name of the policy a person wrote
   * @param name of the limit in that policy; policy and name identify its buckets over updates
   * @param matches any of them must match; empty: every request
   * @param ratePerSecond above 0
   * @param burst the bucket's size, at least 1
   * @param per what makes the key; empty: one bucket
   * @param maxKeys the most buckets kept for {@code per}; further keys share one
   * @param shadow decide and count, do not refuse
   */
  public record Limit(
      String policy,
      String name,
      List<RequestMatch> matches,
      double ratePerSecond,
      long burst,
      List<KeyPart> per,
      int maxKeys,
      boolean shadow) {
    public Limit {
      matches = List.copyOf(matches);
      per = List.copyOf(per);
    }
  }

  /** {@code method} empty: any. */
  public record RequestMatch(RouteMatch match, String method) {}

  public sealed interface KeyPart {
    /** {@code name} in lower case. A request without it has the key {@code (missing)}. */
    record Header(String name) implements KeyPart {}

    /** The peer's IP address. */
    record RemoteAddress() implements KeyPart {}
  }
}
