package dev.weir.cli.network;

/** One port, or several in a row, as people write them: {@code 22}, {@code 9000-9010}. */
public record PortRange(int first, int last) {
  private static final int MAX = 65535;

  public PortRange {
    if (first < 1 || last > MAX || last < first) {
      throw new IllegalArgumentException(
          first + "-" + last + ": ports go from 1 to " + MAX + ", the smaller one first");
    }
  }

  /**
   * @throws IllegalArgumentException with what is wrong
   */
  public static PortRange parse(String text) {
    if (!text.matches("[0-9]{1,5}(-[0-9]{1,5})?")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a port or ports, as 22 or 9000-9010");
    }
    int dash = text.indexOf('-');
    int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
    return new PortRange(first, dash < 0 ? first : Integer.parseInt(text.substring(dash + 1)));
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
