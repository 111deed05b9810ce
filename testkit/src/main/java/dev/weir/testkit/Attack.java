package dev.weir.testkit;

import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/**
 * What a hostile peer does on each of several connections, for as long as it is let.
 *
 * @param first sent on a connection that is new
 * @param more sent again and again, by the round of the connection; empty: nothing more is
 * @param stays false: each connection is reset after a round, and another takes its place
 */
public record Attack(
    String name, int connections, byte[] first, IntFunction<byte[]> more, boolean stays) {
  private static final byte[] NOTHING = {};

  /** Says once what it has to say, and waits. */
  public static Attack silent(String name, int connections, String first) {
    return new Attack(name, connections, latin1(first), round -> NOTHING, true);
  }

  /** Says {@code more} after {@code first} without an end. */
  public static Attack endless(String name, int connections, String first, String more) {
    byte[] bytes = latin1(more);
    return new Attack(name, connections, latin1(first), round -> bytes, true);
  }

  /** Comes, says {@code first}, and is gone. */
  public static Attack hasty(String name, int connections, String first) {
    return new Attack(name, connections, latin1(first), round -> NOTHING, false);
  }

  public static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public String toString() {
    return name;
  }
}
