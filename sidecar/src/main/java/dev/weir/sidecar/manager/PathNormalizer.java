package dev.weir.sidecar.manager;

import dev.weir.sidecar.config.listener.HttpConnectionManager.EscapedSlashes;
import dev.weir.sidecar.config.listener.HttpConnectionManager.PathOptions;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * What is done to a path before it is routed: escaped slashes, RFC 3986 6 normalisation, merged
 * slashes.
 */
final class PathNormalizer {
  /** What becomes of the request. */
  enum Outcome {
    PASS,
    REFUSE,
    /** The client has to ask for the path as it is now. */
    REDIRECT
  }

  private PathNormalizer() {}

  /** Rewrites the path in place. */
  static Outcome apply(PathOptions options, Headers request) {
    String whole = request.path();
    int query = whole.indexOf('?');
    String path = query < 0 ? whole : whole.substring(0, query);
    if (normal(path)) {
      return Outcome.PASS;
    }
    String lower = path.toLowerCase(Locale.ROOT);
    boolean escaped = lower.contains("%2f") || lower.contains("%5c");
    String result = path;
    if (escaped) {
      switch (options.escapedSlashes()) {
        case KEEP -> {}
        case REJECT -> {
          return Outcome.REFUSE;
        }
        case UNESCAPE_AND_FORWARD, UNESCAPE_AND_REDIRECT ->
            result = result.replaceAll("(?i)%2f", "/").replaceAll("(?i)%5c", "\\\\");
      }
    }
    if (options.normalize() && result.startsWith("/")) {
      result = dots(unescapeUnreserved(result).replace('\\', '/'));
    }
    if (options.mergeSlashes()) {
      result = result.replaceAll("/{2,}", "/");
    }
    if (!result.equals(path)) {
      request.path(query < 0 ? result : result + whole.substring(query));
    }
    return escaped && options.escapedSlashes() == EscapedSlashes.UNESCAPE_AND_REDIRECT
        ? Outcome.REDIRECT
        : Outcome.PASS;
  }

  /**
   * Where a client that must ask again is sent. A path that begins as a host does, {@code //a}, is
   * none without the host before it: browsers take {@code \\} for a slash there too.
   */
  static String location(Headers request) {
    String path = request.path();
    boolean likeAHost =
        path.length() > 1
            && path.charAt(0) == '/'
            && (path.charAt(1) == '/' || path.charAt(1) == '\\');
    if (!likeAHost) {
      return path;
    }
    String spoken = request.value(HeaderName.X_FORWARDED_PROTO);
    String scheme = "https".equals(spoken) || "http".equals(spoken) ? spoken : request.scheme();
    return scheme + "://" + request.authority() + path;
  }

  /** Whether there is nothing to do, whatever the options, as with nearly every path. */
  private static boolean normal(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' || c == '\\') {
        return false;
      }
      if (c == '/' && i + 1 < path.length()) {
        char next = path.charAt(i + 1);
        if (next == '/' || next == '.') {
          return false;
        }
      }
    }
    return true;
  }

  /** Percent-encoded letters, digits and {@code -._~} mean the same plain, RFC 3986 2.3. */
  private static String unescapeUnreserved(String path) {
    if (path.indexOf('%') < 0) {
      return path;
    }
    StringBuilder out = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' && i + 2 < path.length()) {
        int high = Character.digit(path.charAt(i + 1), 16);
        int low = Character.digit(path.charAt(i + 2), 16);
        char plain = high < 0 || low < 0 ? 0 : (char) (high << 4 | low);
        if (plain < 0x80
            && (Character.isLetterOrDigit(plain) || "-._~".indexOf(plain) >= 0 && plain != 0)) {
          out.append(plain);
          i += 2;
          continue;
        }
      }
      out.append(c);
    }
    return out.toString();
  }

  /** RFC 3986 5.2.4. */
  private static String dots(String path) {
    if (!path.contains("/.")) {
      return path;
    }
    Deque<String> segments = new ArrayDeque<>();
    String[] parts = path.substring(1).split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      switch (parts[i]) {
        case "." -> {
          if (last) {
            segments.addLast("");
          }
        }
        case ".." -> {
          segments.pollLast();
          if (last) {
            segments.addLast("");
          }
        }
        default -> segments.addLast(parts[i]);
      }
    }
    return "/" + String.join("/", segments);
  }
}
