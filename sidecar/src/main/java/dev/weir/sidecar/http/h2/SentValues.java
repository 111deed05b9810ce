package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What was last sent by each name. HPACK keeps the names and values that it is given, so each must
 * be a copy of its own; most come again with the next head, and are then the same object, whose
 * hash HPACK needs not reckon anew. Bounded: of what is longer than {@link #LONGEST} nothing is
 * kept. Event loop of the connection.
 */
final class SentValues {
  private static final int LONGEST = 128;

  /** Slots of names that are not well-known; two that fall into one take turns. */
  private static final int OTHERS = 32;

  private final @Nullable AsciiString[] known = new AsciiString[HeaderName.NUMBERS];
  private final @Nullable AsciiString[] otherNames = new AsciiString[OTHERS];
  private final @Nullable AsciiString[] otherValues = new AsciiString[OTHERS];
  private @Nullable AsciiString path;
  private @Nullable AsciiString authority;

  /** Adds {@code field} of {@code headers} to {@code target}, its name in lower case. */
  void add(Headers headers, int field, FieldList target) {
    byte[] bytes = headers.bytes();
    int start = headers.valueStart(field);
    int length = headers.valueLength(field);
    HeaderName name = headers.known(field);
    if (name != null) {
      int number = name.number();
      AsciiString value = value(known[number], bytes, start, length);
      known[number] = kept(value);
      target.append(name.ascii(), value);
      return;
    }
    int nameStart = headers.nameStart(field);
    int nameLength = headers.nameLength(field);
    int slot = slot(bytes, nameStart, nameLength);
    AsciiString other = otherNames[slot];
    if (other == null || !sameName(other, bytes, nameStart, nameLength)) {
      other = new AsciiString(bytes, nameStart, nameLength, true).toLowerCase();
      otherNames[slot] = kept(other);
      otherValues[slot] = null;
    }
    AsciiString value = value(otherValues[slot], bytes, start, length);
    otherValues[slot] = kept(value);
    target.append(other, value);
  }

  AsciiString path(Headers headers) {
    AsciiString value = value(path, headers.bytes(), headers.pathStart(), headers.pathLength());
    path = kept(value);
    return value;
  }

  AsciiString authority(Headers headers) {
    int length = Math.max(0, headers.authorityLength());
    AsciiString value = value(authority, headers.bytes(), headers.authorityStart(), length);
    authority = kept(value);
    return value;
  }

  private static AsciiString value(
      @Nullable AsciiString last, byte[] bytes, int start, int length) {
    if (last != null
        && last.length() == length
        && Arrays.equals(last.array(), 0, length, bytes, start, start + length)) {
      return last;
    }
    return new AsciiString(bytes, start, length, true);
  }

  private static @Nullable AsciiString kept(AsciiString text) {
    return text.length() <= LONGEST ? text : null;
  }

  private static boolean sameName(AsciiString lower, byte[] bytes, int start, int length) {
    return lower.length() == length
        && Ascii.equalsIgnoreCase(lower.array(), 0, bytes, start, length);
  }

  private static int slot(byte[] name, int start, int length) {
    int first = name[start] | 0x20;
    int last = name[start + length - 1] | 0x20;
    return length * 37 + first * 131 + last * 5 & OTHERS - 1;
  }
}
