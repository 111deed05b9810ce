package dev.weir.sidecar.format;

import dev.weir.sidecar.http.StreamInfo;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code %START_TIME%}, ISO 8601 with milliseconds, or {@code %START_TIME(%s)%} and the other
 * strftime conversions that have a fixed meaning.
 */
final class StartTime implements Operator {
  private static final long SECONDS_PER_DAY = 86_400;

  private final @Nullable DateTimeFormatter formatter;
  private final boolean epochSeconds;

  StartTime(@Nullable String argument) {
    this.epochSeconds = "%s".equals(argument);
    this.formatter =
        argument == null || argument.isEmpty() || epochSeconds ? null : formatter(argument);
  }

  @SuppressWarnings("IncrementInForLoopAndHeader") // a conversion is two or three characters
  private static DateTimeFormatter formatter(String argument) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < argument.length(); i++) {
      char c = argument.charAt(i);
      if (c != '%') {
        pattern.append(
            Character.isLetter(c) ? "'" + c + "'" : c == '\'' ? "''" : String.valueOf(c));
        continue;
      }
      i++;
      if (i < argument.length()
          && argument.charAt(i) >= '1'
          && argument.charAt(i) <= '9'
          && i + 1 < argument.length()
          && argument.charAt(i + 1) == 'f') {
        pattern.append("S".repeat(argument.charAt(i) - '0'));
        i++;
        continue;
      }
      pattern.append(
          switch (i < argument.length() ? argument.charAt(i) : ' ') {
            case 'Y' -> "yyyy";
            case 'm' -> "MM";
            case 'd' -> "dd";
            case 'H' -> "HH";
            case 'M' -> "mm";
            case 'S' -> "ss";
            case 'F' -> "yyyy-MM-dd";
            case 'T' -> "HH:mm:ss";
            case 'f' -> "SSSSSSSSS";
            case 'b' -> "MMM";
            case 'a' -> "EEE";
            case 'z' -> "xx";
            case 'Z' -> "'UTC'";
            default ->
                throw new IllegalArgumentException(
                    "%START_TIME(" + argument + ")%: unknown conversion at character " + i);
          });
    }
    return DateTimeFormatter.ofPattern(pattern.toString(), Locale.ROOT).withZone(ZoneOffset.UTC);
  }

  @Override
  public boolean write(StreamInfo info, ByteSink out) {
    if (epochSeconds) {
      out.put(info.startMillis / 1000);
    } else if (formatter != null) {
      out.put(formatter.format(Instant.ofEpochMilli(info.startMillis)));
    } else {
      iso(info.startMillis, out);
    }
    return true;
  }

  /** 2026-11-23T14:02:11.123Z, without a formatter: it stands in every line. */
  private static void iso(long millis, ByteSink out) {
    long seconds = Math.floorDiv(millis, 1000);
    long day = Math.floorDiv(seconds, SECONDS_PER_DAY);
    int second = (int) Math.floorMod(seconds, SECONDS_PER_DAY);
    // Days to civil date: Howard Hinnant, chrono-compatible low-level date algorithms.
    long z = day + 719_468;
    long era = Math.floorDiv(z, 146_097);
    long dayOfEra = z - era * 146_097;
    long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    long shiftedMonth = (5 * dayOfYear + 2) / 153;
    long month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    out.putPadded(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
    out.put((byte) '-');
    out.putPadded(month, 2);
    out.put((byte) '-');
    out.putPadded(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2);
    out.put((byte) 'T');
    out.putPadded(second / 3600, 2);
    out.put((byte) ':');
    out.putPadded(second / 60 % 60, 2);
    out.put((byte) ':');
    out.putPadded(second % 60, 2);
    out.put((byte) '.');
    out.putPadded(Math.floorMod(millis, 1000), 3);
    out.put((byte) 'Z');
  }
}
