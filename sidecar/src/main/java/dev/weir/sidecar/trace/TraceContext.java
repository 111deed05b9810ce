package dev.weir.sidecar.trace;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A trace as a request carries it.
 *
 * @param traceId 32 lower-case hex digits, not all zero
 * @param spanId 16 lower-case hex digits, not all zero: the caller's span
 * @param sampled null: the caller has not decided
 * @param random the trace id was drawn at random: 56 bits of it at least, at its end
 */
record TraceContext(String traceId, String spanId, @Nullable Boolean sampled, boolean random) {
  private static final int SAMPLED = 1;
  private static final int RANDOM = 2;

  private TraceContext(String traceId, String spanId, @Nullable Boolean sampled) {
    this(traceId, spanId, sampled, false);
  }

  /**
   * {@code traceparent}: https://www.w3.org/TR/trace-context/#traceparent-header; null if it is
   * malformed.
   */
  static @Nullable TraceContext parseTraceparent(String text) {
    int length = text.length();
    if (length < 55 || text.charAt(2) != '-' || text.charAt(35) != '-' || text.charAt(52) != '-') {
      return null;
    }
    String version = text.substring(0, 2);
    if (!isHex(version)
        || version.equals("ff")
        || version.equals("00") && length != 55
        || length > 55 && text.charAt(55) != '-') {
      return null;
    }
    String traceId = text.substring(3, 35);
    String spanId = text.substring(36, 52);
    String flags = text.substring(53, 55);
    if (!isId(traceId) || !isId(spanId) || !isHex(flags)) {
      return null;
    }
    int bits = Character.digit(flags.charAt(1), 16);
    return new TraceContext(traceId, spanId, (bits & SAMPLED) != 0, (bits & RANDOM) != 0);
  }

  /**
   * The single {@code b3} header: https://github.com/openzipkin/b3-propagation; null if it is
   * malformed or has no ids.
   */
  static @Nullable TraceContext parseB3(String text) {
    String[] parts = text.split("-", -1);
    return parts.length < 2 || parts.length > 4
        ? null
        : ofB3(parts[0], parts[1], parts.length > 2 ? parts[2] : null, null);
  }

  /** The {@code X-B3-*} headers; null if they are malformed. */
  static @Nullable TraceContext ofB3(
      String traceId, String spanId, @Nullable String sampled, @Nullable String flags) {
    String wide = traceId.length() == 16 ? "0".repeat(16) + traceId : traceId;
    if (wide.length() != 32 || spanId.length() != 16 || !isId(wide) || !isId(spanId)) {
      return null;
    }
    if ("1".equals(flags)) {
      return new TraceContext(wide, spanId, true); // debug implies sampled
    }
    if (sampled == null) {
      return new TraceContext(wide, spanId, null);
    }
    return switch (sampled) {
      case "1", "d", "true" -> new TraceContext(wide, spanId, true);
      case "0", "false" -> new TraceContext(wide, spanId, false);
      default -> null;
    };
  }

  /**
   * The trace id that an {@code X-Trace-ID} means: a UUID's digits, or 32 hex digits; null for
   * anything else.
   */
  static @Nullable String idOfXTraceId(String text) {
    String digits =
        text.length() == 36
                && text.charAt(8) == '-'
                && text.charAt(13) == '-'
                && text.charAt(18) == '-'
                && text.charAt(23) == '-'
            ? text.replace("-", "")
            : text;
    String lower = digits.toLowerCase(java.util.Locale.ROOT);
    return lower.length() == 32 && isId(lower) ? lower : null;
  }

  static TraceContext begin(
      @Nullable String traceId, SplittableRandom random, @Nullable Boolean sampled) {
    return new TraceContext(
        traceId == null ? SpanIds.trace(random) : traceId,
        SpanIds.span(random),
        sampled,
        traceId == null);
  }

  String traceparent(boolean sampledNow) {
    return traceparent(traceId, spanId, sampledNow, random);
  }

  static String traceparent(String traceId, String spanId, boolean sampled, boolean random) {
    int flags = (sampled ? SAMPLED : 0) | (random ? RANDOM : 0);
    return "00-" + traceId + "-" + spanId + "-0" + flags;
  }

  private static boolean isId(String text) {
    return isHex(text) && !text.chars().allMatch(c -> c == '0');
  }

  private static boolean isHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }
}
