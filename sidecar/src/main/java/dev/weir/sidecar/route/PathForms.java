package dev.weir.sidecar.route;

import dev.weir.sidecar.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Other spellings of a target that an app may take for the same. */
public final class PathForms {
  private PathForms() {}

  /**
   * The path with what stands behind a semicolon left out of each segment, as servlet containers
   * see it, and with its query; null if there is no semicolon.
   */
  static @Nullable String withoutParameters(Headers request) {
    String whole = request.path();
    int query = whole.indexOf('?');
    String bare = withoutParameters(query < 0 ? whole : whole.substring(0, query));
    return bare == null || query < 0 ? bare : bare + whole.substring(query);
  }

  /**
   * What a servlet container makes of a path: without what stands behind a semicolon, and only then
   * without dots; null if there is no semicolon.
   *
   * @param path without a query
   */
  public static @Nullable String withoutParameters(String path) {
    if (path.indexOf(';') < 0) {
      return null;
    }
    Deque<String> segments = new ArrayDeque<>();
    boolean slash = false;
    for (String part : path.split("/", -1)) {
      int semicolon = part.indexOf(';');
      String bare = semicolon < 0 ? part : part.substring(0, semicolon);
      slash = bare.isEmpty() || bare.equals(".") || bare.equals("..");
      if (bare.equals("..")) {
        segments.pollLast();
      } else if (!slash) {
        segments.addLast(bare);
      }
    }
    return "/" + String.join("/", segments) + (slash && !segments.isEmpty() ? "/" : "");
  }

  /**
   * As RFC 3986, 6.2.2.1, writes it: hexadecimal digits in upper case, and other bytes than those
   * of ASCII in percent signs; null if it is written so.
   *
   * @param path of bytes, as a head has it
   */
  public static @Nullable String canonical(String path) {
    StringBuilder made = null;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean escape = c == '%' && i + 2 < path.length();
      String as =
          escape
              ? path.substring(i, i + 3).toUpperCase(Locale.ROOT)
              : c >= 0x80 ? "%" + HexFormat.of().withUpperCase().toHexDigits((byte) c) : null;
      int read = escape ? 3 : 1;
      if (made == null && as != null && !path.startsWith(as, i)) {
        made = new StringBuilder(path.length() + 16).append(path, 0, i);
      }
      if (made != null) {
        made.append(as == null ? String.valueOf(c) : as);
      }
      i += read - 1;
    }
    return made == null ? null : made.toString();
  }

  /** A query's name or value as a form decodes it: percent signs, and plus for a space. */
  static String decoded(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    byte[] bytes = new byte[text.length()];
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
      if (low >= 0) {
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[length++] = (byte) (c == '+' ? ' ' : c);
      }
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
