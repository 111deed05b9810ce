package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A body that is not as long as its head says never leads to another message on the connection. */
class MessageLengthTest {
  private static TestSidecar sidecar(TestUpstream upstream, String rules) {
    String match = "- match: {prefix: \"/\"}";
    String yaml = TestSidecar.yaml(upstream.port(), "", "", "", "");
    return TestSidecar.start(yaml.replace(match, match + "\n                " + rules), 1);
  }

  private static String rules(String side, int length) {
    return side
        + "_headers_to_add: [{header: {key: content-length, value: \""
        + length
        + "\"}, append_action: OVERWRITE_IF_EXISTS_OR_ADD}]";
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 9})
  void aRuleThatRewritesTheLengthOfAResponseEndsTheClientsConnection(int length)
      throws IOException {
    try (TestUpstream upstream = TestUpstream.replying("hello");
        TestSidecar sidecar = sidecar(upstream, rules("response", length));
        RawClient client = new RawClient(sidecar.port())) {
      // At once: what comes after the end of the connection resets it, and what it had with it.
      String seen = client.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n".repeat(2)).rest();
      String body = seen.substring(seen.indexOf("\r\n\r\n") + 4);
      assertTrue(body.isEmpty() || body.equals("hello"), seen);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 9})
  void aRuleThatRewritesTheLengthOfARequestLetsNoOtherFollowOnItsConnection(int length)
      throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("hello");
        TestSidecar sidecar = sidecar(upstream, rules("request", length));
        RawClient client = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\nhost: app\r\ncontent-length: 5\r\n\r\n12345");
      assertEquals(502, client.read(false).status());
      client.send("POST / HTTP/1.1\r\nhost: app\r\ncontent-length: 5\r\n\r\n12345");
      assertEquals(502, client.read(false).status());
      assertEquals(0, upstream.all().size());
    }
  }

  @Test
  void aChunkThatBreaksInThePacketOfItsHeadLetsTheHeadOut() throws IOException {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(
                  out, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n");
              return false;
            });
        TestSidecar sidecar =
            TestSidecar.start(TestSidecar.yaml(upstream.port(), "", "", "", ""), 1);
        RawClient client = new RawClient(sidecar.port())) {
      String seen = client.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n").rest();
      assertTrue(seen.startsWith("HTTP/1.1 200 OK\r\n"), seen);
      assertTrue(seen.endsWith("\r\n5\r\nhello\r\n"), seen);
    }
  }
}
