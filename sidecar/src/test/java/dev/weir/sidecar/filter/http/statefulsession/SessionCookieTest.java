package dev.weir.sidecar.filter.http.statefulsession;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.InCookie;
import dev.weir.sidecar.http.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values and paths are as real Envoy 1.40 has been seen to take them. */
class SessionCookieTest {
  private static final long NOW = 1_795_910_027;
  private static final String HOST = "127.0.0.1:19911";

  /** What Envoy has made for {@link #HOST}, and for another with 3600 s to live. */
  private static final String BY_ENVOY = "Cg8xMjcuMC4wLjE6MTk5MTE=";

  private static final String BY_ENVOY_UNTIL = "Cg8xMjcuMC4wLjE6MTk5MTIQm++t2AY=";
  private static final long UNTIL = 1_795_913_627;

  private static @Nullable String found(String cookie, long now) {
    Headers request = Headers.request("GET", "app", "/");
    request.add("cookie", cookie);
    return SessionCookie.find(request, "s", now);
  }

  private static InCookie cookie(int ttl, String path) {
    return new InCookie("s", Duration.ofSeconds(ttl), path);
  }

  @Test
  void isWrittenAsEnvoyWritesIt() {
    assertEquals("s=\"" + BY_ENVOY + "\"; HttpOnly", SessionCookie.of(cookie(0, ""), HOST, NOW));
    assertEquals(
        "s=\"" + BY_ENVOY_UNTIL + "\"; Max-Age=3600; Path=/shop; HttpOnly",
        SessionCookie.of(cookie(3600, "/shop"), "127.0.0.1:19912", UNTIL - 3600));
  }

  @Test
  void holdsUntilItsEnd() {
    assertEquals("127.0.0.1:19912", found("s=" + BY_ENVOY_UNTIL, NOW));
    assertEquals("127.0.0.1:19912", found("s=" + BY_ENVOY_UNTIL, UNTIL));
    assertNull(found("s=" + BY_ENVOY_UNTIL, UNTIL + 1));
  }

  @Test
  void isFoundAmongOthersInQuotesOrNot() {
    assertEquals(HOST, found("a=b; s=\"" + BY_ENVOY + "\"; c=d", NOW));
    assertEquals(HOST, found(" s = " + BY_ENVOY, NOW));
    assertNull(found("ss=" + BY_ENVOY, NOW));
  }

  @Test
  void firstOfItsNameCounts() {
    assertNull(found("s=; s=" + BY_ENVOY, NOW));
  }

  @Test
  void addressAloneIsOfAnOlderEnvoy() {
    assertEquals(
        HOST,
        found(
            "s=" + Base64.getEncoder().encodeToString(HOST.getBytes(StandardCharsets.US_ASCII)),
            NOW));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\"",
        "!!!!",
        "Cg8xMjcuMC4wLjE6MTk5MTE",
        "Cg==",
        "CgA=",
        "Cv8=",
        "Cg8xMjc=",
        "CgExGAE="
      })
  void whatIsNoneIsPassedOver(String value) {
    assertNull(found("s=" + value, NOW));
  }

  @ParameterizedTest
  @CsvSource({
    "'', /any, true",
    "/, /any, true",
    "/a, /a, true",
    "/a, /a/b, true",
    "/a, /a?b, true",
    "/a, /a#b, true",
    "/a, /ab, false",
    "/a, /, false",
    "/a/, /a/b, true",
    "/a/, /a, false"
  })
  void isForPathsByWholeElements(String path, String request, boolean is) {
    assertEquals(is, SessionCookie.isFor(path, request));
  }
}
