package dev.weir.control.compile.xds;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/** Where the addresses of a mesh lie, in few words that seldom change. */
final class AddressRanges {
  /** Over this number wider ones are named. */
  private static final int MOST = 16;

  private static final int[] BITS = {16, 12, 8};
  private static final int WHOLE = 32;

  private AddressRanges() {}

  /**
   * Ranges of IPv4 in which all of {@code addresses} are: of 16 bits, of fewer if these are many.
   */
  static SortedSet<String> of(Collection<String> addresses) {
    SortedSet<String> ranges = new TreeSet<>();
    for (int bits : BITS) {
      ranges.clear();
      for (String address : addresses) {
        ranges.add(range(address, bits));
      }
      if (ranges.size() <= MOST) {
        break;
      }
    }
    return ranges;
  }

  private static String range(String address, int bits) {
    long number = 0;
    int part = 0;
    for (int i = 0; i < address.length(); i++) {
      char c = address.charAt(i);
      if (c == '.') {
        number = number << Byte.SIZE | part;
        part = 0;
      } else {
        part = part * 10 + (c - '0');
      }
    }
    number = number << Byte.SIZE | part;
    long network = number >> (WHOLE - bits) << (WHOLE - bits);
    return "%d.%d.0.0/%d".formatted(network >> 24, network >> 16 & 0xff, bits);
  }
}
