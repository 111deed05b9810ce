package dev.weir.sidecar.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.sidecar.config.route.RouteAction.RegexRewrite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code regex_rewrite}; the first four are the examples of Envoy's documentation. */
class PathSubstitutionTest {
  @ParameterizedTest
  @CsvSource({
    "'^/service/([^/]+)(/.*)$', '\\2/instance/\\1', /service/foo/v1/api, /v1/api/instance/foo",
    "one, two, /xxx/one/yyy/one/zzz, /xxx/two/yyy/two/zzz",
    "'^(.*?)one(.*)$', '\\1two\\2', /xxx/one/yyy/one/zzz, /xxx/two/yyy/one/zzz",
    "(?i)/xxx/, /yyy/, /aaa/XxX/bbb, /aaa/yyy/bbb",
    "'^/.*$', '/$1\\\\', /a?b=c, '/$1\\?b=c'",
    "one, two, /a?one, /a?one",
    "(a)|b, '<\\1>', /ab, /<a><>",
    "a, '\\0\\0', /a, /aa"
  })
  void matchesAreReplacedAndTheQueryStays(
      String pattern, String substitution, String path, String expected) {
    assertEquals(
        expected, new PathSubstitution(new RegexRewrite(pattern, substitution)).apply(path));
  }

  @Test
  void substitutionThatMeansNothingIsRefused() {
    for (String wrong : new String[] {"\\1", "\\a", "\\"}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new PathSubstitution(new RegexRewrite("a", wrong)),
          wrong);
    }
  }
}
