package dev.weir.sidecar.http;

import java.util.Arrays;

/**
 * How a codec fills {@link Headers}: positions in the bytes it has parsed. Reused from message to
 * message by its codec. Of thousands of connections few are in the midst of a head: the positions
 * may stand in space that is lent for one call.
 */
public final class HeadersBuilder {
  private static final int FEW = 32 * Headers.STRIDE;
  private static final int[] NONE = new int[0];

  private int[] index = NONE;
  private boolean lent;
  private int count;
  private long present;

  public void clear() {
    count = 0;
    present = 0;
  }

  /** Begins in {@code scratch}, which is its own until {@link #keep} or {@link #clear}. */
  public void begin(int[] scratch) {
    if (count == 0) {
      index = scratch;
      lent = true;
    }
  }

  /** What was lent is about to be somebody else's. */
  public void keep() {
    if (lent) {
      index = count == 0 ? NONE : Arrays.copyOf(index, count * Headers.STRIDE + FEW);
      lent = false;
    }
  }

  public int count() {
    return count;
  }

  public boolean has(HeaderName name) {
    return (present & (1L << name.number())) != 0;
  }

  /**
   * A field; {@code number} is of the well-known name, or 0. Lengths are above 0 and at least 0.
   */
  public void add(
      int nameStart,
      int nameLength,
      int valueStart,
      int valueLength,
      @org.jspecify.annotations.Nullable HeaderName known) {
    int at = count * Headers.STRIDE;
    if (at == index.length) {
      index = Arrays.copyOf(index, Math.max(FEW, index.length * 2));
      lent = false;
    }
    int number = known == null ? 0 : known.number();
    index[at] = nameStart;
    index[at + 1] = number << 24 | nameLength;
    index[at + 2] = valueStart;
    index[at + 3] = valueLength;
    count++;
    present |= 1L << number;
  }

  /**
   * The fields over a copy of {@code source} from 0 to {@code end}, with {@code room} bytes and
   * four fields to spare for what will be added.
   */
  public Headers build(byte[] source, int end, int room) {
    byte[] bytes = new byte[end + room];
    System.arraycopy(source, 0, bytes, 0, end);
    int[] copy = Arrays.copyOf(index, (count + 4) * Headers.STRIDE);
    return new Headers(bytes, end, copy, count, present);
  }

  /** As {@link #build}, for a response; where its reason phrase lies. */
  public Headers response(
      byte[] source, int end, int room, int status, int reasonStart, int reasonLength) {
    Headers headers = build(source, end, room);
    headers.status(status);
    headers.reason(reasonStart, reasonLength);
    return headers;
  }

  /** As {@link #build}, for a request; positions of the request line. */
  public Headers request(
      byte[] source,
      int end,
      int room,
      int methodLength,
      int pathStart,
      int pathLength,
      int authorityStart,
      int authorityLength) {
    Headers headers = build(source, end, room);
    headers.method(0, methodLength);
    headers.path(pathStart, pathLength);
    headers.authority(authorityStart, authorityLength);
    return headers;
  }
}
