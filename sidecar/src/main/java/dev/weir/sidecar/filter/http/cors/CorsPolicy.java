package dev.weir.sidecar.filter.http.cors;

import dev.weir.sidecar.route.StringMatcher;
import dev.weir.sidecar.runtime.Loop;
import java.util.List;

/** A compiled policy of a route. */
final class CorsPolicy {
  private static final int MILLION = 1_000_000;

  private final CorsConfig.Policy config;
  private final List<StringMatcher> origins;

  CorsPolicy(CorsConfig.Policy config) {
    this.config = config;
    this.origins = config.allowOrigins().stream().map(StringMatcher::new).toList();
  }

  CorsConfig.Policy config() {
    return config;
  }

  /** What would match {@code *} allows any, as in Envoy. */
  boolean allows(String origin) {
    for (StringMatcher matcher : origins) {
      if (matcher.matches(origin) || matcher.matches("*")) {
        return true;
      }
    }
    return false;
  }

  boolean enabled(Loop loop) {
    return falls(config.enabledPerMillion(), loop);
  }

  boolean shadow(Loop loop) {
    return falls(config.shadowPerMillion(), loop);
  }

  private static boolean falls(int perMillion, Loop loop) {
    return perMillion == MILLION || perMillion > 0 && loop.random().nextInt(MILLION) < perMillion;
  }
}
