package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.http.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where the tokens of a provider are. Immutable. */
final class TokenPlaces {
  private static final String AUTHORIZATION = "authorization";
  private static final String BEARER = "Bearer ";
  private static final String ACCESS_TOKEN = "access_token";

  /** Tokens in headers; to look at a signature costs more than to send one. */
  private static final int MOST = 4;

  private final List<JwtConfig.HeaderPlace> headers;
  private final List<String> params;
  private final List<String> cookies;

  /** Of none that is named, where RFC 6750 has them. */
  TokenPlaces(JwtConfig.Provider config) {
    boolean anywhere =
        config.headers().isEmpty() && config.params().isEmpty() && config.cookies().isEmpty();
    this.headers =
        anywhere ? List.of(new JwtConfig.HeaderPlace(AUTHORIZATION, BEARER)) : config.headers();
    this.params = anywhere ? List.of(ACCESS_TOKEN) : config.params();
    this.cookies = config.cookies();
  }

  /**
   * A token and its place.
   *
   * @param header it is in; null for none
   * @param param likewise
   */
  record Found(String text, @Nullable String header, @Nullable String param) {}

  List<Found> find(Headers request) {
    List<Found> found = new ArrayList<>(2);
    for (JwtConfig.HeaderPlace place : headers) {
      for (int i = 0; i < request.size(); i++) {
        if (request.isField(i) && request.nameIs(i, place.name())) {
          String text = after(place.prefix(), request.value(i));
          if (text != null && found.size() < MOST) {
            found.add(new Found(text, place.name(), null));
          }
        }
      }
    }
    for (String param : params) {
      String text = query(request.path(), param);
      if (text != null) {
        found.add(new Found(text, null, param));
      }
    }
    for (String cookie : cookies) {
      String text = cookie(request, cookie);
      if (text != null) {
        found.add(new Found(text, null, null));
      }
    }
    return found;
  }

  /** What follows the prefix, up to what no token has. */
  private static @Nullable String after(String prefix, String value) {
    int start;
    if (prefix.isEmpty()) {
      start = 0;
    } else if (prefix.equals(BEARER)) {
      // The scheme's case does not matter (RFC 9110, 11.1).
      if (!value.regionMatches(true, 0, prefix, 0, prefix.length())) {
        return null;
      }
      start = prefix.length();
    } else {
      int at = value.indexOf(prefix);
      if (at < 0) {
        return null;
      }
      start = at + prefix.length();
    }
    while (start < value.length() && value.charAt(start) == ' ') {
      start++;
    }
    int end = start;
    while (end < value.length() && isOfToken(value.charAt(end))) {
      end++;
    }
    // What follows is none of it, but a token with something else in its midst is none.
    String rest = value.substring(end).strip();
    return rest.isEmpty() || prefix.isEmpty() == false && !prefix.equals(BEARER)
        ? value.substring(start, end)
        : value.substring(start);
  }

  private static boolean isOfToken(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '.'
        || c == '-'
        || c == '_'
        || c == '=';
  }

  private static @Nullable String query(String path, String name) {
    int question = path.indexOf('?');
    if (question < 0) {
      return null;
    }
    for (String part : path.substring(question + 1).split("&")) {
      int equals = part.indexOf('=');
      if (equals > 0 && decoded(part.substring(0, equals)).equals(name)) {
        return decoded(part.substring(equals + 1));
      }
    }
    return null;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static @Nullable String cookie(Headers request, String name) {
    for (int i = 0; i < request.size(); i++) {
      if (!request.isField(i) || !request.nameIs(i, "cookie")) {
        continue;
      }
      for (String part : request.value(i).split(";")) {
        int equals = part.indexOf('=');
        if (equals > 0 && part.substring(0, equals).strip().equals(name)) {
          return part.substring(equals + 1).strip();
        }
      }
    }
    return null;
  }

  /** Takes the token out of its place. */
  static void remove(Found found, Headers request) {
    if (found.header() != null) {
      request.remove(found.header().toLowerCase(Locale.ROOT));
    }
    String param = found.param();
    if (param != null) {
      request.path(without(request.path(), param));
    }
  }

  private static String without(String path, String name) {
    int question = path.indexOf('?');
    if (question < 0) {
      return path;
    }
    StringBuilder rest = new StringBuilder();
    for (String part : path.substring(question + 1).split("&")) {
      int equals = part.indexOf('=');
      if (!decoded(equals < 0 ? part : part.substring(0, equals)).equals(name)) {
        rest.append(rest.isEmpty() ? "" : "&").append(part);
      }
    }
    return path.substring(0, question) + (rest.isEmpty() ? "" : "?" + rest);
  }
}
