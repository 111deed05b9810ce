package dev.weir.sidecar.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.listener.HttpConnectionManager.EscapedSlashes;
import dev.weir.sidecar.config.listener.HttpConnectionManager.PathOptions;
import dev.weir.sidecar.http.Headers;
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
    assertTrue(PathNormalizer.apply(MESH, request));
    assertEquals(normal, request.path());
    assertTrue(PathNormalizer.apply(MESH, request));
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
    assertTrue(PathNormalizer.apply(new PathOptions(normalize, merge, escaped), request));
    assertEquals(expected, request.path());
  }

  @Test
  void escapedSlashIsRefusedWhereItIsToBe() {
    PathOptions reject = new PathOptions(false, false, EscapedSlashes.REJECT);
    assertFalse(PathNormalizer.apply(reject, request("/a%2Fb")));
    assertTrue(PathNormalizer.apply(reject, request("/a?b=%2F")));
  }

  private static Headers request(String path) {
    return Headers.request("GET", "inventory", path);
  }
}
