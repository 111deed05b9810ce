package dev.weir.control.compile.xds;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/** Where the addresses of a mesh lie, in few words that seldom change. */
final class AddressRanges {
  /** Over this number wider ones are named. */
  private static final int MOST = 16;

  private AddressRanges() {}

  /**
   * Ranges of IPv4 in which all of {@code addresses} are: of 16 bits, or of 8 if these are many.
   */
  static SortedSet<String> of(Collection<String> addresses) {
    SortedSet<String> narrow = new TreeSet<>();
    SortedSet<String> wide = new TreeSet<>();
    for (String address : addresses) {
      int first = address.indexOf('.');
      int second = address.indexOf('.', first + 1);
      narrow.add(address.substring(0, second) + ".0.0/16");
      wide.add(address.substring(0, first) + ".0.0.0/8");
    }
    return narrow.size() <= MOST ? narrow : wide;
  }
}
