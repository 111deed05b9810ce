package dev.weir.sidecar.http;

import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * Fills {@link Headers} with fields that come one by one, as HPACK gives them: each becomes a whole
 * line.
 */
public final class HeadersWriter {
  private final HeadersBuilder builder = new HeadersBuilder();
  private byte[] bytes = new byte[1024];
  private int end;

  public void clear() {
    builder.clear();
    end = 0;
  }

  /**
   * Adds a field; the name is in lower case. False, with nothing added, if a byte may not stand in
   * it.
   */
  public boolean add(
      byte[] name, int nameStart, int nameLength, byte[] value, int valueStart, int valueLength) {
    if (nameLength == 0) {
      return false;
    }
    for (int i = 0; i < nameLength; i++) {
      byte b = name[nameStart + i];
      if (!Ascii.isToken(b) || b >= 'A' && b <= 'Z') {
        return false;
      }
    }
    if (!clean(value, valueStart, valueLength)) {
      return false;
    }
    reserve(nameLength + valueLength + 4);
    int lineStart = end;
    System.arraycopy(name, nameStart, bytes, end, nameLength);
    end += nameLength;
    bytes[end++] = ':';
    bytes[end++] = ' ';
    int at = end;
    System.arraycopy(value, valueStart, bytes, end, valueLength);
    end += valueLength;
    bytes[end++] = '\r';
    bytes[end++] = '\n';
    builder.add(
        lineStart, nameLength, at, valueLength, HeaderName.lookup(bytes, lineStart, nameLength));
    return true;
  }

  private static boolean clean(byte[] value, int start, int length) {
    if (length > 0 && (Ascii.isBlank(value[start]) || Ascii.isBlank(value[start + length - 1]))) {
      return false; // RFC 9113 8.2.1
    }
    for (int i = 0; i < length; i++) {
      if (!Ascii.isValue(value[start + i])) {
        return false;
      }
    }
    return true;
  }

  private void reserve(int more) {
    if (end + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end + more, 2 * bytes.length));
    }
  }

  public int count() {
    return builder.count();
  }

  public boolean has(HeaderName name) {
    return builder.has(name);
  }

  /** The fields so far as a value of their own, with {@code room} bytes to spare. */
  public Headers build(int room) {
    return builder.build(bytes, end, room);
  }

  /** As {@link #build}, for a request. */
  public Headers request(
      AsciiString method, AsciiString path, AsciiString authority, boolean https) {
    int fieldsEnd = end;
    int methodStart = append(method);
    int pathStart = append(path);
    int authorityStart = append(authority);
    Headers headers = builder.build(bytes, end, 192);
    end = fieldsEnd;
    headers.method(methodStart, method.length());
    headers.path(pathStart, path.length());
    headers.authority(authorityStart, authority.length());
    headers.https(https);
    return headers;
  }

  private int append(AsciiString text) {
    reserve(text.length());
    int start = end;
    System.arraycopy(text.array(), text.arrayOffset(), bytes, start, text.length());
    end += text.length();
    return start;
  }
}
