package dev.weir.sidecar.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.route.QueryMatch;
import dev.weir.sidecar.config.route.RouteMatch;
import dev.weir.sidecar.config.route.RouteMatch.PathMatch;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.http.Headers;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Matchers of policies, which another spelling of a target must not pass by, and prefixes put in
 * place.
 */
class RouteMatcherTest {
  private static RouteMatch match(PathMatch path, QueryMatch... queries) {
    return new RouteMatch(path, true, List.of(), List.of(queries), false);
  }

  private static Headers get(String path) {
    return Headers.request("GET", "app", path);
  }

  @ParameterizedTest(name = "{0}: {1}, as written {2}")
  @CsvSource({
    "/admin/x, true, true",
    "/admin;a=1/x, true, false",
    "/admin/x;b, true, false",
    "/ad;m=/min/x, false, false",
    "/admin/x?q=;, true, true",
    "/admin;?q=/x, false, false",
    "/other;/admin/x, false, false"
  })
  void pathParametersDoNotPassAPolicyBy(String path, boolean policy, boolean written) {
    RouteMatch match = match(new PathMatch.Exact("/admin/x"));
    assertEquals(policy, RouteMatcher.anySpelling(match).matches(get(path)));
    assertEquals(written, new RouteMatcher(match).matches(get(path)));
  }

  @ParameterizedTest(name = "{0}: {1}, as written {2}")
  @CsvSource({
    "/?k=v w, true, true",
    "/?k=v+w, true, false",
    "/?k=%76%20w, true, false",
    "/?%6b=v+w, true, false",
    "/?k=x&k=v+w, true, false",
    "/?k=x&k=v w, true, false",
    "/?k=%7, false, false",
    "/?k=%zz, false, false",
    "/?k=%7z, false, false",
    "/?k, false, false",
    "/?kk=v w, false, false",
    "/, false, false"
  })
  void queryIsComparedAsAFormDecodesIt(String path, boolean policy, boolean written) {
    RouteMatch match =
        match(
            new PathMatch.Prefix("/"),
            new QueryMatch(
                "k", Optional.of(new StringMatch(StringMatch.Kind.EXACT, "v w", false)), true));
    assertEquals(policy, RouteMatcher.anySpelling(match).matches(get(path)));
    assertEquals(written, new RouteMatcher(match).matches(get(path)));
  }

  @Test
  void percentSignThatStartsNoByteIsItself() {
    assertEquals("%7", PathForms.decoded("%7"));
    assertEquals("a%", PathForms.decoded("a%"));
    assertEquals("%zz %7z", PathForms.decoded("%zz+%7z"));
    assertEquals("\u00e9/", PathForms.decoded("%C3%a9%2F"));
    assertEquals("as it is", PathForms.decoded("as it is"));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"/?v, true", "/?u&v=1, true", "/?u=v, false", "/?, false", "/, false"})
  void parameterWithoutAValueToMatchMustBeThere(String path, boolean found) {
    RouteMatch match =
        match(new PathMatch.Prefix("/"), new QueryMatch("v", Optional.empty(), true));
    assertEquals(found, new RouteMatcher(match).matches(get(path)));
  }

  @Test
  void everyParameterMustMatch() {
    RouteMatcher matcher =
        new RouteMatcher(
            match(
                new PathMatch.Prefix("/"),
                new QueryMatch("a", Optional.empty(), true),
                new QueryMatch("b", Optional.empty(), true)));
    assertTrue(matcher.matches(get("/?b&a")));
    assertFalse(matcher.matches(get("/?a")));
    assertFalse(matcher.matches(get("/?b")));
  }

  @ParameterizedTest(name = "{0} of {1}: {2}")
  @CsvSource({
    "/, OPTIONS, *, true",
    "/a, OPTIONS, *, false",
    "/, GET, a, false",
    "/, OPTIONS, **, false"
  })
  void asteriskIsMeantByTheRoot(String prefix, String method, String path, boolean found) {
    assertEquals(
        found,
        new RouteMatcher(match(new PathMatch.Prefix(prefix)))
            .matches(Headers.request(method, "app", path)));
  }

  @ParameterizedTest(name = "{0} of {1} by {2}: {3}")
  @CsvSource({
    "prefix, /api/, /api/v1?q, /, /v1?q",
    "prefix, /api, /api, /new, /new",
    "exact, /api, /api?q=1, /new, /new?q=1",
    "regex, /a.*, /abc?q=1, /new, /new?q=1"
  })
  void rewritePutsThePrefixInThePlaceOfWhatMatched(
      String kind, String text, String path, String replacement, String rewritten) {
    PathMatch by =
        switch (kind) {
          case "prefix" -> new PathMatch.Prefix(text);
          case "exact" -> new PathMatch.Exact(text);
          case "regex" -> new PathMatch.SafeRegex(text);
          default -> throw new AssertionError(kind);
        };
    Headers request = get(path);
    new RouteMatcher(match(by)).rewritePrefix(request, replacement);
    assertEquals(rewritten, request.path());
    assertEquals(path, request.value("x-envoy-original-path"));
  }
}
