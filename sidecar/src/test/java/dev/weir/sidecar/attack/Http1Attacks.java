package dev.weir.sidecar.attack;

import static dev.weir.testkit.Attack.endless;
import static dev.weir.testkit.Attack.hasty;
import static dev.weir.testkit.Attack.silent;

import dev.weir.testkit.Attack;
import java.util.List;

/** By HTTP/1.1, and by TCP alone. */
final class Http1Attacks {
  private static final String HEAD = "GET / HTTP/1.1\r\nHost: a\r\n";
  private static final String ENDLESS_BODY = "Host: a\r\nContent-Length: 1000000000\r\n\r\n";
  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String MUCH = "a".repeat(64 << 10);

  private Http1Attacks() {}

  static List<Attack> all() {
    return List.of(
        endless("heads that come a byte at a time", 300, HEAD + "x-a: ", "a"),
        endless(
            "bodies that come a byte at a time", 300, "POST / HTTP/1.1\r\n" + ENDLESS_BODY, "a"),
        endless("fields without an end", 20, HEAD, "x-a: b\r\n".repeat(2000)),
        endless("a field without an end", 20, HEAD + "x-a: ", MUCH),
        endless("a request line without an end", 20, "GET /", MUCH),
        endless("a chunk's extension without an end", 20, CHUNKED + "1;a", MUCH),
        endless("chunks of one byte", 20, CHUNKED, "1\r\na\r\n".repeat(2000)),
        endless("trailers without an end", 20, CHUNKED + "0\r\n", "x-a: b\r\n".repeat(2000)),
        endless("requests whose answers nobody reads", 50, "", (HEAD + "\r\n").repeat(200)),
        silent("large answers that nobody reads", 300, get("/big")),
        silent("connections that say nothing", 1000, ""),
        silent(
            "bodies that wait to be asked for",
            300,
            "POST / HTTP/1.1\r\nExpect: 100-continue\r\n" + ENDLESS_BODY),
        silent(
            "upgrades to what is not spoken",
            100,
            HEAD + "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
        endless(
            "uploads to an app that reads nothing",
            100,
            "POST /deaf HTTP/1.1\r\nx-early: 1\r\n" + ENDLESS_BODY,
            MUCH),
        silent("interim answers without an end", 20, get("/interim")),
        silent("an app's head without an end", 20, get("/head")),
        silent("an app that drips", 200, get("/drip")),
        hasty("answers that end too early", 50, get("/torn")),
        hasty("requests that are reset", 100, get("/drip")),
        hasty("connections that come and go", 100, ""),
        hasty("bytes of no protocol", 100, "\0\1\2\3\r\n\r\n\377\376".repeat(100)));
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
}
