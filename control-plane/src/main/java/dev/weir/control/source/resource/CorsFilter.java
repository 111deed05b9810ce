package dev.weir.control.source.resource;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.RouteFilters;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Shapes;
import dev.weir.control.model.schema.Word;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code CORS} of an {@code HTTPRoute}. */
final class CorsFilter {
  private static final Pattern ORIGIN =
      Pattern.compile("(https?)://([-A-Za-z0-9.*_]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");
  private static final String ANY = "*";

  private CorsFilter() {}

  record Cors(
      @Field(value = "scheme://host[:port], * in the host for any labels; or * alone.", max = "64")
          List<String> allowOrigins,
      @Field(value = "Whether cookies and the like may come along.", defaultsTo = "false")
          boolean allowCredentials,
      @Field(value = "Methods, or * alone.", max = "9") List<CorsMethod> allowMethods,
      @Field(value = "Request headers, or * alone.", max = "64", pattern = HttpMatch.HEADER_NAME)
          List<String> allowHeaders,
      @Field(
              value = "Response headers that a page may read.",
              max = "64",
              pattern = HttpMatch.HEADER_NAME)
          List<String> exposeHeaders,
      @Field(value = "Seconds that a browser may keep the answer.", defaultsTo = "5", min = "1")
          int maxAge) {
    Cors {
      requireAlone("allowOrigins", allowOrigins, ANY);
      requireAlone("allowMethods", allowMethods, CorsMethod.ANY);
      requireAlone("allowHeaders", allowHeaders, ANY);
      allowOrigins.forEach(CorsFilter::normal);
      if (allowCredentials && exposeHeaders.contains(ANY)) {
        throw new IllegalArgumentException(
            "exposeHeaders may not be * where allowCredentials is true: browsers take it for a"
                + " header of that name; list the headers");
      }
    }

    private static <T> void requireAlone(String field, List<T> list, T any) {
      if (list.size() > 1 && list.contains(any)) {
        throw new IllegalArgumentException(field + " has * and others; write * alone");
      }
    }

    RouteFilters.Cors model() {
      return new RouteFilters.Cors(
          allowOrigins.stream().map(CorsFilter::normal).toList(),
          allowCredentials,
          allowMethods.stream().map(Shapes::word).toList(),
          allowHeaders,
          exposeHeaders,
          Duration.ofSeconds(maxAge));
    }
  }

  enum CorsMethod {
    @Word("GET")
    GET,
    @Word("HEAD")
    HEAD,
    @Word("POST")
    POST,
    @Word("PUT")
    PUT,
    @Word("DELETE")
    DELETE,
    @Word("CONNECT")
    CONNECT,
    @Word("OPTIONS")
    OPTIONS,
    @Word("TRACE")
    TRACE,
    @Word("PATCH")
    PATCH,
    @Word("*")
    ANY
  }

  /** As a browser writes it: in lower case, without the port that is usual. */
  private static String normal(String origin) {
    if (origin.equals(ANY)) {
      return origin;
    }
    Matcher matcher = ORIGIN.matcher(origin);
    if (!matcher.matches()
        || matcher.group(3) != null && Integer.parseInt(matcher.group(3)) > 65535) {
      throw new IllegalArgumentException(
          "\"%s\" is no origin; write http or https://host[:port], without a path, or *"
              .formatted(origin));
    }
    String usual = matcher.group(1).equals("https") ? "443" : "80";
    String port = matcher.group(3);
    String host = matcher.group(2).toLowerCase(Locale.ROOT);
    return matcher.group(1) + "://" + host + (port == null || port.equals(usual) ? "" : ":" + port);
  }
}
