package dev.weir.sidecar.http.h2;

import io.netty.handler.codec.EmptyHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Fields in the two arrays that serve one head after the other, in which HPACK puts them and takes
 * them from: Netty's own headers make an entry and a hash of each. Of Netty's interface it does
 * what HPACK needs, and refuses or finds empty the rest. Event loop of the connection.
 */
class FieldList extends EmptyHeaders<CharSequence, CharSequence, Http2Headers>
    implements Http2Headers {
  private static final int USUAL = 16;

  /** Arrays that one large head made longer than this are not kept. */
  private static final int KEPT = 64;

  private @Nullable AsciiString[] names = new AsciiString[USUAL];
  private @Nullable AsciiString[] values = new AsciiString[USUAL];
  private int count;
  private final Cursor cursor = new Cursor();

  /** Forgets the fields; what they are made of can go. */
  void reset() {
    if (names.length > KEPT) {
      names = new AsciiString[USUAL];
      values = new AsciiString[USUAL];
    } else {
      Arrays.fill(names, 0, count, null);
      Arrays.fill(values, 0, count, null);
    }
    count = 0;
  }

  @Override
  public final int size() {
    return count;
  }

  @Override
  public final boolean isEmpty() {
    return count == 0;
  }

  final AsciiString name(int field) {
    return java.util.Objects.requireNonNull(names[field]);
  }

  final AsciiString value(int field) {
    return java.util.Objects.requireNonNull(values[field]);
  }

  final void value(int field, AsciiString value) {
    values[field] = value;
  }

  final void append(AsciiString name, AsciiString value) {
    if (count == names.length) {
      names = Arrays.copyOf(names, 2 * count);
      values = Arrays.copyOf(values, 2 * count);
    }
    names[count] = name;
    values[count++] = value;
  }

  final void remove(int field) {
    int behind = count - field - 1;
    System.arraycopy(names, field + 1, names, field, behind);
    System.arraycopy(values, field + 1, values, field, behind);
    count--;
    names[count] = null;
    values[count] = null;
  }

  /** One at a time: the iterator is the list's own, and is its own entry. */
  @Override
  public final Iterator<Map.Entry<CharSequence, CharSequence>> iterator() {
    cursor.at = -1;
    return cursor;
  }

  private final class Cursor
      implements Iterator<Map.Entry<CharSequence, CharSequence>>,
          Map.Entry<CharSequence, CharSequence> {
    private int at;

    @Override
    public boolean hasNext() {
      return at + 1 < count;
    }

    @Override
    public Map.Entry<CharSequence, CharSequence> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      at++;
      return this;
    }

    @Override
    public CharSequence getKey() {
      return name(at);
    }

    @Override
    public CharSequence getValue() {
      return value(at);
    }

    @Override
    public CharSequence setValue(CharSequence value) {
      throw new UnsupportedOperationException();
    }
  }

  // ---- pseudo-headers: who has them says so

  @Override
  public @Nullable CharSequence method() {
    return null;
  }

  @Override
  public @Nullable CharSequence scheme() {
    return null;
  }

  @Override
  public @Nullable CharSequence authority() {
    return null;
  }

  @Override
  public @Nullable CharSequence path() {
    return null;
  }

  @Override
  public @Nullable CharSequence status() {
    return null;
  }

  @Override
  public final Http2Headers method(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final Http2Headers scheme(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final Http2Headers authority(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final Http2Headers path(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final Http2Headers status(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final boolean contains(CharSequence name, CharSequence value, boolean caseInsensitive) {
    throw new UnsupportedOperationException();
  }
}
