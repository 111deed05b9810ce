package dev.weir.sidecar.filter.http.statefulsession;

import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.InCookie;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A cookie that has the address of a host. Its value, in base64, is Envoy's message of two fields:
 * the address, and when that ends, in seconds since 1970. Of older versions of Envoy it is the
 * address alone.
 */
final class SessionCookie {
  private static final int ADDRESS = 1 << 3 | 2;
  private static final int EXPIRES = 2 << 3;
  private static final int LONGEST_ADDRESS = 127;
  private static final byte[] NOTHING = new byte[0];

  private SessionCookie() {}

  /**
   * Whether requests to {@code path} have a cookie of the path {@code of}: whole elements, and what
   * is below one that ends with a slash.
   */
  static boolean isFor(String of, String path) {
    if (of.isEmpty() || of.equals("/")) {
      return true;
    }
    if (!path.startsWith(of)) {
      return false;
    }
    if (of.endsWith("/") || path.length() == of.length()) {
      return true;
    }
    char next = path.charAt(of.length());
    return next == '/' || next == '?' || next == '#';
  }

  /** The address in the first cookie of this name; null for none that holds. */
  static @Nullable String find(Headers request, String name, long nowSeconds) {
    for (int i = request.find(HeaderName.COOKIE); i >= 0; i = request.next(HeaderName.COOKIE, i)) {
      for (String part : request.value(i).split(";")) {
        int equals = part.indexOf('=');
        if (equals > 0 && part.substring(0, equals).strip().equals(name)) {
          return address(unquoted(part.substring(equals + 1).strip()), nowSeconds);
        }
      }
    }
    return null;
  }

  private static String unquoted(String value) {
    return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  /** Nothing for what is no base64, with its padding. */
  static byte[] decoded(String value) {
    if (value.length() % 4 != 0) {
      return NOTHING;
    }
    try {
      return Base64.getDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      return NOTHING;
    }
  }

  private static @Nullable String address(String value, long nowSeconds) {
    byte[] bytes = decoded(value);
    if (bytes.length == 0) {
      return null;
    }
    if (bytes[0] != ADDRESS) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
    int length = bytes.length > 1 ? bytes[1] : 0;
    int end = 2 + length;
    if (length <= 0 || end > bytes.length) {
      return null;
    }
    long expires = 0;
    if (end < bytes.length) {
      if (bytes[end] != EXPIRES) {
        return null;
      }
      for (int i = end + 1, shift = 0; i < bytes.length && shift < Long.SIZE; i++, shift += 7) {
        expires |= (long) (bytes[i] & 0x7f) << shift;
      }
    }
    return expires == 0 || nowSeconds <= expires
        ? new String(bytes, 2, length, StandardCharsets.ISO_8859_1)
        : null;
  }

  /** What tells a client to come back to {@code host}. */
  static String of(InCookie cookie, String host, long nowSeconds) {
    byte[] address = host.getBytes(StandardCharsets.ISO_8859_1);
    if (address.length > LONGEST_ADDRESS) {
      throw new IllegalArgumentException("an address of " + address.length + " characters");
    }
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    value.write(ADDRESS);
    value.write(address.length);
    value.writeBytes(address);
    long ttl = cookie.ttl().toSeconds();
    if (ttl > 0) {
      value.write(EXPIRES);
      long rest = nowSeconds + ttl;
      for (; rest > 0x7f; rest >>>= 7) {
        value.write((int) (rest & 0x7f | 0x80));
      }
      value.write((int) rest);
    }
    StringBuilder text = new StringBuilder(cookie.name());
    text.append("=\"").append(Base64.getEncoder().encodeToString(value.toByteArray())).append('"');
    if (ttl > 0) {
      text.append("; Max-Age=").append(ttl);
    }
    if (!cookie.path().isEmpty()) {
      text.append("; Path=").append(cookie.path());
    }
    return text.append("; HttpOnly").toString();
  }
}
