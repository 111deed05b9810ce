package dev.weir.sidecar.http;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Why Weir refused a request, for {@code x-weir-cause}: a structured field item with parameters,
 * RFC 9651.
 *
 * @param token {@code breaker-open}, {@code rate-limited}
 * @param policy namespace/name of the policy that decided; empty for none
 * @param limit the limit's name in that policy; empty for none
 * @param retryAfterMillis when it may be tried again; 0 is not known
 * @param reason in words, where the token leaves open which; empty for none
 */
public record Cause(
    String token, String policy, String limit, long retryAfterMillis, String reason) {
  /** The instance works on all it may at a time; another may not. */
  public static final String BULKHEAD_FULL = "bulkhead-full";

  /** A request that is none by the letter of HTTP, or that a rule on its form forbids. */
  public static final String MALFORMED_REQUEST = "malformed-request";

  /** A request that did not come in the time it had. */
  public static final String SLOW_REQUEST = "slow-request";

  /** A mistake of the program. */
  public static final String INTERNAL_ERROR = "internal-error";

  public Cause(String token, String policy, String limit, long retryAfterMillis) {
    this(token, policy, limit, retryAfterMillis, "");
  }

  public static Cause of(String token) {
    return new Cause(token, "", "", 0);
  }

  /** The same, and why. */
  public Cause because(String why) {
    return new Cause(token, policy, limit, retryAfterMillis, why);
  }

  /** As the header's value: {@code breaker-open;policy="shop/inventory";retry-after-ms=3200}. */
  public String text() {
    StringBuilder text = new StringBuilder(token);
    parameter(text, "policy", policy);
    parameter(text, "limit", limit);
    parameter(text, "reason", reason);
    if (retryAfterMillis > 0) {
      text.append(";retry-after-ms=").append(retryAfterMillis);
    }
    return text.toString();
  }

  /**
   * A String where all of {@code value} is printable ASCII, else a Display String: RFC 9651 3.3.3
   * and 3.3.8. A field of HTTP takes no other bytes, whatever name a policy was given.
   */
  private static void parameter(StringBuilder text, String name, String value) {
    if (value.isEmpty()) {
      return;
    }
    text.append(';').append(name).append('=');
    boolean ascii = value.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    text.append(ascii ? "\"" : "%\"");
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      if (ascii) {
        text.append(b == '"' || b == '\\' ? "\\" : "").append((char) b);
      } else if (b < 0x20 || b == 0x7f || b == '"' || b == '%') {
        text.append('%')
            .append(Character.forDigit(b >> 4 & 0xf, 16))
            .append(Character.forDigit(b & 0xf, 16));
      } else {
        text.append((char) b);
      }
    }
    text.append('"');
  }

  /** {@code Retry-After} in whole seconds, rounded up. */
  public Optional<Long> retryAfterSeconds() {
    return retryAfterMillis > 0 ? Optional.of((retryAfterMillis + 999) / 1000) : Optional.empty();
  }
}
