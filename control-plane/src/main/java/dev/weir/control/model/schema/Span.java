package dev.weir.control.model.schema;

import java.math.BigInteger;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as GEP-2257 has them: {@code 2s}, {@code 50ms}, {@code 1h30m}. */
public final class Span {
  /** One to four parts, each up to five digits. */
  public static final String PATTERN = "^([0-9]{1,5}(h|m|s|ms)){1,4}$";

  private static final Pattern WHOLE = Pattern.compile(PATTERN);
  private static final Pattern PART = Pattern.compile("([0-9]+)(ms|h|m|s)");

  private Span() {}

  /**
   * @throws IllegalArgumentException with a message for the person who wrote it
   */
  public static Duration parse(String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not a duration; write it as 2s, 50ms or 1h30m".formatted(text));
    }
    BigInteger millis = BigInteger.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      millis = millis.add(new BigInteger(part.group(1)).multiply(unit(part.group(2))));
    }
    return Duration.ofMillis(millis.longValueExact());
  }

  /** The shortest way to write it; {@code parse} of it is the same duration. */
  public static String print(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    append(text, duration.toHours(), "h");
    append(text, duration.toMinutesPart(), "m");
    append(text, duration.toSecondsPart(), "s");
    append(text, duration.toMillisPart(), "ms");
    return text.toString();
  }

  private static void append(StringBuilder text, long amount, String unit) {
    if (amount > 0) {
      text.append(amount).append(unit);
    }
  }

  private static BigInteger unit(String unit) {
    return BigInteger.valueOf(
        switch (unit) {
          case "h" -> 3_600_000;
          case "m" -> 60_000;
          case "s" -> 1_000;
          default -> 1;
        });
  }
}
