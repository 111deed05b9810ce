package dev.weir.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as people write them. */
public final class Durations {
  private static final Pattern FORM =
      Pattern.compile(
          "(?=.)(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m(?!s))?(?:([0-9]{1,6})s)?(?:([0-9]{1,9})ms)?");

  private Durations() {}

  /**
   * {@code 10s}, {@code 500ms}, {@code 1h30m}.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static Duration parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a duration; write it as 10s, 500ms or 1h30m");
    }
    return Duration.ofHours(number(form.group(1)))
        .plusMinutes(number(form.group(2)))
        .plusSeconds(number(form.group(3)))
        .plusMillis(number(form.group(4)));
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  /** In seconds. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis / 1000.0 + " s";
  }
}
