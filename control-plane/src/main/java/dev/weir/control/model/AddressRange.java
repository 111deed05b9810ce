package dev.weir.control.model;

/**
 * IPv4 addresses that begin alike, {@code 10.88.0.0/16}.
 *
 * @param first the lowest of them
 * @param length how many bits are the same
 */
public record AddressRange(int first, int length) {
  private static final int BITS = 32;

  /**
   * @throws IllegalArgumentException with what is wrong
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    String length = text.substring(slash + 1);
    if (slash < 0
        || !Addresses.isIpv4(text.substring(0, slash))
        || !length.matches("[0-9]{1,2}")
        || Integer.parseInt(length) > BITS) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no range of IPv4 addresses, as 10.88.0.0/16");
    }
    int bits = Integer.parseInt(length);
    return new AddressRange(number(text.substring(0, slash)) & mask(bits), bits);
  }

  /** Whether {@code text} is an IPv4 address of it. */
  public boolean contains(String text) {
    return Addresses.isIpv4(text) && (number(text) & mask(length)) == first;
  }

  private static int mask(int bits) {
    return bits == 0 ? 0 : -1 << (BITS - bits);
  }

  private static int number(String address) {
    int number = 0;
    for (String part : address.split("\\.", -1)) {
      number = number << 8 | Integer.parseInt(part);
    }
    return number;
  }
}
