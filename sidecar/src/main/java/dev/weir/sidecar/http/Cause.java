package dev.weir.sidecar.http;

import java.util.Optional;

/**
 * Why Weir refused a request, for {@code x-weir-cause}: a structured field item with parameters,
 * RFC 9651.
 *
 * @param token {@code breaker-open}, {@code rate-limited}
 * @param policy namespace/name of the policy that decided; empty for none
 * @param limit the limit's name in that policy; empty for none
 * @param retryAfterMillis when it may be tried again; 0 is not known
 */
public record Cause(String token, String policy, String limit, long retryAfterMillis) {
  public static Cause of(String token) {
    return new Cause(token, "", "", 0);
  }

  /** As the header's value: {@code breaker-open;policy="shop/inventory";retry-after-ms=3200}. */
  public String text() {
    StringBuilder text = new StringBuilder(token);
    if (!policy.isEmpty()) {
      text.append(";policy=\"").append(policy).append('"');
    }
    if (!limit.isEmpty()) {
      text.append(";limit=\"").append(limit).append('"');
    }
    if (retryAfterMillis > 0) {
      text.append(";retry-after-ms=").append(retryAfterMillis);
    }
    return text.toString();
  }

  /** {@code Retry-After} in whole seconds, rounded up. */
  public Optional<Long> retryAfterSeconds() {
    return retryAfterMillis > 0 ? Optional.of((retryAfterMillis + 999) / 1000) : Optional.empty();
  }
}
