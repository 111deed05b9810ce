package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.http.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the tokens of a provider are. Immutable. */
final class TokenPlaces {
  private static final String AUTHORIZATION = "authorization";
  private static final String BEARER = "Bearer ";
  private static final String COOKIE = "cookie";
  private static final String ACCESS_TOKEN = "access_token";

  /** Tokens of a request; to look at a signature costs more than to send one. */
  static final int MOST = 4;

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

  /** The tokens that are there, and one more than {@link #MOST} where there are too many. */
  List<String> find(Headers request) {
    List<String> found = new ArrayList<>(2);
    for (int i = 0; i < request.size(); i++) {
      if (!request.isField(i)) {
        continue;
      }
      for (JwtConfig.HeaderPlace place : headers) {
        if (request.nameIs(i, place.name())) {
          add(after(place.prefix(), request.value(i)), found);
        }
      }
      if (!cookies.isEmpty() && request.nameIs(i, COOKIE)) {
        for (String part : request.value(i).split(";")) {
          if (isCookie(part)) {
            add(part.substring(part.indexOf('=') + 1).strip(), found);
          }
        }
      }
    }
    if (!params.isEmpty()) {
      for (String part : query(request.path())) {
        if (isParam(part)) {
          add(decoded(part.substring(part.indexOf('=') + 1)), found);
        }
      }
    }
    return found;
  }

  private static void add(@Nullable String text, List<String> found) {
    if (text != null && found.size() <= MOST) {
      found.add(text);
    }
  }

  private boolean isParam(String part) {
    int equals = part.indexOf('=');
    return equals > 0 && params.contains(decoded(part.substring(0, equals)));
  }

  private boolean isCookie(String part) {
    int equals = part.indexOf('=');
    return equals > 0 && cookies.contains(part.substring(0, equals).strip());
  }

  private static List<String> query(String path) {
    int question = path.indexOf('?');
    return question < 0 ? List.of() : List.of(path.substring(question + 1).split("&", -1));
  }

  /** Nothing is left in these places, of whatever there was. */
  void clear(Headers request) {
    headers.forEach(place -> request.remove(place.name()));
    if (!params.isEmpty()) {
      String path = request.path();
      List<String> rest = query(path).stream().filter(part -> !isParam(part)).toList();
      int question = path.indexOf('?');
      if (question >= 0 && rest.size() < query(path).size()) {
        String before = path.substring(0, question);
        request.path(rest.isEmpty() ? before : before + "?" + String.join("&", rest));
      }
    }
    if (!cookies.isEmpty()) {
      clearCookies(request);
    }
  }

  private void clearCookies(Headers request) {
    List<String> rest = new ArrayList<>();
    for (int i = 0; i < request.size(); i++) {
      if (request.isField(i) && request.nameIs(i, COOKIE)) {
        for (String part : request.value(i).split(";")) {
          if (!isCookie(part) && !part.isBlank()) {
            rest.add(part.strip());
          }
        }
      }
    }
    request.remove(COOKIE);
    if (!rest.isEmpty()) {
      request.add(COOKIE, String.join("; ", rest));
    }
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

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
