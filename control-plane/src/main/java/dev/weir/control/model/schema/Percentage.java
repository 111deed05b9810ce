package dev.weir.control.model.schema;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** A share of a whole, {@code "20%"} or {@code "0.5%"}, kept in hundredths of a percent. */
public record Percentage(int basisPoints) implements Comparable<Percentage> {
  /** 0 to 100 with up to two decimals. */
  public static final String PATTERN = "^(100(\\.0{1,2})?|[0-9]{1,2}(\\.[0-9]{1,2})?)%$";

  private static final int WHOLE = 10_000;
  private static final Pattern WRITTEN = Pattern.compile(PATTERN);

  /** Of those that are over the bound too, to say so of them. */
  private static final Pattern FORM = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,2})?%");

  public Percentage {
    if (basisPoints < 0 || basisPoints > WHOLE) {
      throw new IllegalArgumentException(basisPoints + " hundredths of a percent");
    }
  }

  /**
   * @throws IllegalArgumentException with a message for the person who wrote it
   */
  public static Percentage parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not a percentage; write it as \"20%%\" or \"0.5%%\"".formatted(text));
    }
    BigDecimal points =
        new BigDecimal(text.substring(0, text.length() - 1)).movePointRight(2).stripTrailingZeros();
    if (points.compareTo(BigDecimal.valueOf(WHOLE)) > 0) {
      throw new IllegalArgumentException("\"%s\" is over 100%%".formatted(text));
    }
    if (!WRITTEN.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is a percentage with digits too many; write it as \"%s\""
              .formatted(text, new Percentage(points.intValueExact())));
    }
    return new Percentage(points.intValueExact());
  }

  /** 0 to 1. */
  public double share() {
    return (double) basisPoints / WHOLE;
  }

  @Override
  public int compareTo(Percentage other) {
    return Integer.compare(basisPoints, other.basisPoints);
  }

  @Override
  public String toString() {
    return BigDecimal.valueOf(basisPoints, 2)
            .setScale(2, RoundingMode.UNNECESSARY)
            .stripTrailingZeros()
            .toPlainString()
        + "%";
  }
}
