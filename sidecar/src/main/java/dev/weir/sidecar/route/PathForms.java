package dev.weir.sidecar.route;

import dev.weir.sidecar.http.Headers;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Other spellings of a target that an app may take for the same. */
final class PathForms {
  private PathForms() {}

  /**
   * The path with what stands behind a semicolon left out of each segment, as servlet containers
   * see it, and with its query; null if there is no semicolon.
   */
  static @Nullable String withoutParameters(Headers request) {
    String whole = request.path();
    int query = whole.indexOf('?');
    String path = query < 0 ? whole : whole.substring(0, query);
    if (path.indexOf(';') < 0) {
      return null;
    }
    StringBuilder bare = new StringBuilder(whole.length());
    boolean within = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      within = c == ';' || within && c != '/';
      if (!within) {
        bare.append(c);
      }
    }
    return bare.append(query < 0 ? "" : whole.substring(query)).toString();
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
