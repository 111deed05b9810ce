package dev.weir.control.model.schema;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How often: {@code 10/s}, {@code 2/m}, {@code 1/h}. */
public record Rate(long count, Unit unit) {
  /** A count from 0 to 999,999,999 over a unit of time. */
  public static final String PATTERN = "^[0-9]{1,9}/[smh]$";

  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})/([smh])");

  /** What the count is over. */
  public enum Unit {
    SECOND("s", Duration.ofSeconds(1)),
    MINUTE("m", Duration.ofMinutes(1)),
    HOUR("h", Duration.ofHours(1));

    private final String letter;
    private final Duration length;

    Unit(String letter, Duration length) {
      this.letter = letter;
      this.length = length;
    }
  }

  public Rate {
    if (count < 0) {
      throw new IllegalArgumentException("a rate below 0");
    }
  }

  /**
   * @throws IllegalArgumentException with a message for the person who wrote it
   */
  public static Rate parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not a rate; write a whole number over s, m or h, as 10/s or 2/m"
              .formatted(text));
    }
    for (Unit unit : Unit.values()) {
      if (unit.letter.equals(form.group(2))) {
        return new Rate(Long.parseLong(form.group(1)), unit);
      }
    }
    throw new IllegalStateException("no unit for " + text);
  }

  public double perSecond() {
    return (double) count / unit.length.toSeconds();
  }

  /** The time the count is over. */
  public Duration over() {
    return unit.length;
  }

  @Override
  public String toString() {
    return count + "/" + unit.letter;
  }
}
