package dev.weir.protos.convert;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/** {@code google.protobuf.Duration} and {@code Timestamp} as text. */
final class Times {
  private static final Pattern DURATION = Pattern.compile("-?[0-9]{1,12}(\\.[0-9]{1,9})?s");
  private static final long MAX_DURATION_SECONDS = 315_576_000_000L;

  private Times() {}

  static com.google.protobuf.Duration duration(String text) throws NotA {
    if (!DURATION.matcher(text).matches()) {
      throw new NotA("a duration in seconds such as \"1.5s\"");
    }
    BigDecimal seconds = new BigDecimal(text.substring(0, text.length() - 1));
    long whole = seconds.longValue();
    if (Math.abs(whole) > MAX_DURATION_SECONDS) {
      throw new NotA("a duration of at most 10,000 years");
    }
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(whole)
        .setNanos(seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).intValueExact())
        .build();
  }

  static String text(com.google.protobuf.Duration duration) {
    return BigDecimal.valueOf(duration.getSeconds())
            .add(BigDecimal.valueOf(duration.getNanos(), 9))
            .stripTrailingZeros()
            .toPlainString()
        + "s";
  }

  static com.google.protobuf.Timestamp timestamp(String text) throws NotA {
    try {
      Instant instant =
          OffsetDateTime.parse(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME).toInstant();
      return com.google.protobuf.Timestamp.newBuilder()
          .setSeconds(instant.getEpochSecond())
          .setNanos(instant.getNano())
          .build();
    } catch (DateTimeException e) {
      throw new NotA("a time such as \"2026-01-31T12:00:00Z\"");
    }
  }

  static String text(com.google.protobuf.Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos()).toString();
  }
}
