package dev.weir.sidecar.http.h2;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What HPACK has read of a head or of trailers: pseudo-headers apart, the fields in their order. An
 * unknown, empty or repeated pseudo-header is refused at once, as Netty's own headers do; what else
 * may not stand in HTTP/2 is {@link HeadersReader}'s to find.
 */
final class ReceivedFields extends FieldList {
  private final Map<PseudoHeaderName, AsciiString> pseudo = new EnumMap<>(PseudoHeaderName.class);

  @Override
  void reset() {
    super.reset();
    pseudo.clear();
  }

  /**
   * As HPACK calls it.
   *
   * @throws IllegalArgumentException which Netty tells the peer as an error of the stream
   */
  @Override
  public Http2Headers add(CharSequence name, CharSequence value) {
    AsciiString field = AsciiString.of(name);
    AsciiString text = AsciiString.of(value);
    if (field.isEmpty() || field.byteAt(0) != ':') {
      append(field, text);
      return this;
    }
    PseudoHeaderName known = PseudoHeaderName.getPseudoHeader(field);
    if (known == null) {
      throw new IllegalArgumentException("an unknown pseudo-header");
    }
    if (text.isEmpty() || pseudo.put(known, text) != null) {
      throw new IllegalArgumentException("a pseudo-header that is empty or comes twice");
    }
    return this;
  }

  /** How many pseudo-headers there are. */
  int pseudoCount() {
    return pseudo.size();
  }

  @Override
  public @Nullable AsciiString method() {
    return pseudo.get(PseudoHeaderName.METHOD);
  }

  @Override
  public @Nullable AsciiString scheme() {
    return pseudo.get(PseudoHeaderName.SCHEME);
  }

  @Override
  public @Nullable AsciiString authority() {
    return pseudo.get(PseudoHeaderName.AUTHORITY);
  }

  @Override
  public @Nullable AsciiString path() {
    return pseudo.get(PseudoHeaderName.PATH);
  }

  @Override
  public @Nullable AsciiString status() {
    return pseudo.get(PseudoHeaderName.STATUS);
  }

  /** Of an extended CONNECT, RFC 8441. */
  @Nullable AsciiString protocol() {
    return pseudo.get(PseudoHeaderName.PROTOCOL);
  }

  /** Netty's decoder asks for the Content-Lengths, which it holds the body to. */
  @Override
  public List<CharSequence> getAll(CharSequence name) {
    int first = find(name, 0);
    if (first < 0) {
      return List.of();
    }
    int next = find(name, first + 1);
    if (next < 0) {
      return List.of(value(first));
    }
    List<CharSequence> all = new ArrayList<>();
    for (int i = first; i >= 0; i = find(name, i + 1)) {
      all.add(value(i));
    }
    return all;
  }

  /** Netty's decoder makes one Content-Length of those that are equal. */
  @Override
  public Http2Headers setLong(CharSequence name, long value) {
    int first = find(name, 0);
    String text = Long.toString(value);
    if (first < 0) {
      append(AsciiString.of(name), new AsciiString(text));
      return this;
    }
    if (!value(first).contentEquals(text)) {
      value(first, new AsciiString(text));
    }
    for (int i = find(name, first + 1); i >= 0; i = find(name, i)) {
      remove(i);
    }
    return this;
  }

  private int find(CharSequence name, int from) {
    for (int i = from; i < size(); i++) {
      if (name(i).contentEquals(name)) {
        return i;
      }
    }
    return -1;
  }
}
