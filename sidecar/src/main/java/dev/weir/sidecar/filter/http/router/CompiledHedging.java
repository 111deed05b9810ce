package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.HeaderMatcher;
import java.util.List;

/** A compiled {@link HedgingConfig}. */
final class CompiledHedging {
  private final long delayNanos;
  private final int attempts;
  private final List<HeaderMatcher> requestMatchers;

  CompiledHedging(HedgingConfig config) {
    this.delayNanos = config.delay().toNanos();
    this.attempts = config.attempts();
    this.requestMatchers = config.requestHeaders().stream().map(HeaderMatcher::new).toList();
  }

  /** It speaks of requests like this one. */
  boolean appliesTo(Headers request) {
    for (HeaderMatcher matcher : requestMatchers) {
      if (matcher.matches(request)) {
        return true;
      }
    }
    return requestMatchers.isEmpty();
  }

  long delayNanos() {
    return delayNanos;
  }

  int attempts() {
    return attempts;
  }
}
