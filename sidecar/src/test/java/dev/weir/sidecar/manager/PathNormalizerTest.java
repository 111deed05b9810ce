package dev.weir.sidecar.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.config.listener.HttpConnectionManager.EscapedSlashes;
import dev.weir.sidecar.config.listener.HttpConnectionManager.PathOptions;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.manager.PathNormalizer.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One path has one form, whichever way it is written. */
class PathNormalizerTest {
  private static final PathOptions MESH = new PathOptions(true, true, EscapedSlashes.KEEP);

  @ParameterizedTest
  @CsvSource({
    "/, /",
    "*, *",
    "/a?b=//%61, /a?b=//%61",
    "//a, /a",
    "/a///b//, /a/b/",
    "/%61, /a",
    "/%7E%2d%5F%2e%5a9, /~-_.Z9",
    "/a%2Fb%5c%20%C3%a4%, /a%2Fb%5c%20%C3%a4%",
    "/./a/../b/., /b/",
    "/%2e%2E/a, /a",
    "/../../a, /a",
    "/.a/b..c, /.a/b..c",
    "/a\\..\\b, /b",
    "//a/..//b?c, /b?c",
  })
  void pathOfTheMeshHasItsNormalForm(String written, String normal) {
    Headers request = request(written);
    assertEquals(Outcome.PASS, PathNormalizer.apply(MESH, request));
    assertEquals(normal, request.path());
    assertEquals(Outcome.PASS, PathNormalizer.apply(MESH, request));
    assertEquals(normal, request.path(), "once more");
  }

  @ParameterizedTest
  @CsvSource({
    "false, false, KEEP, //a/./%61%2f, //a/./%61%2f",
    "true, false, KEEP, //a/./%61%2f, //a/a%2f",
    "false, true, KEEP, //a/./%61%2f, /a/./%61%2f",
    "false, false, UNESCAPE_AND_FORWARD, /a%2f%5Cb, /a/\\b",
    "true, true, UNESCAPE_AND_FORWARD, /a%2f%5Cb, /a/b",
  })
  void optionsAreIndependent(
      boolean normalize, boolean merge, EscapedSlashes escaped, String written, String expected) {
    Headers request = request(written);
    assertEquals(
        Outcome.PASS, PathNormalizer.apply(new PathOptions(normalize, merge, escaped), request));
    assertEquals(expected, request.path());
  }

  @Test
  void escapedSlashIsRefusedWhereItIsToBe() {
    PathOptions reject = new PathOptions(false, false, EscapedSlashes.REJECT);
    assertEquals(Outcome.REFUSE, PathNormalizer.apply(reject, request("/a%2Fb")));
    assertEquals(Outcome.PASS, PathNormalizer.apply(reject, request("/a?b=%2F")));
  }

  @ParameterizedTest
  @CsvSource({
    "false, false, /a%2Fb?c=%2F, REDIRECT, /a/b?c=%2F",
    "true, true, /a%2f..//%5Cb?c, REDIRECT, /b?c",
    "false, false, /%2Fevil.test/a, REDIRECT, http://inventory//evil.test/a",
    "false, false, /%5Cevil.test/a, REDIRECT, http://inventory/\\evil.test/a",
    "true, true, /%2Fevil.test/a, REDIRECT, /evil.test/a",
    "true, true, //a/../b?c=%2F, PASS, /b?c=%2F",
    "false, false, /a?b=%2F, PASS, /a?b=%2F",
  })
  void clientIsSentOnOnlyWhereASlashWasEscaped(
      boolean normalize, boolean merge, String written, Outcome outcome, String location) {
    PathOptions options = new PathOptions(normalize, merge, EscapedSlashes.UNESCAPE_AND_REDIRECT);
    Headers request = request(written);
    assertEquals(outcome, PathNormalizer.apply(options, request));
    assertEquals(location, PathNormalizer.location(request));
  }

  private static Headers request(String path) {
    return Headers.request("GET", "inventory", path);
  }
}
