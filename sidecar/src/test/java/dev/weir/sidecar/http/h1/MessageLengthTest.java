package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A body that is not as long as its head says never leads to another message on the connection. */
class MessageLengthTest {
  private static final String REQUEST =
      "POST / HTTP/1.1\r\nhost: app\r\ncontent-length: 5\r\n\r\n12345";

  @ParameterizedTest
  @ValueSource(ints = {3, 9})
  void responseOfAnotherLengthEndsTheClientsConnection(int length) {
    CodecHarness.Outcome outcome =
        CodecHarness.send(
            request -> {},
            response -> response.set(HeaderName.CONTENT_LENGTH, length),
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            REQUEST,
            REQUEST);
    assertTrue(outcome.closed());
    assertEquals(1, outcome.forwarded().size());
    assertEquals(0, outcome.leaked());
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 9})
  void requestOfAnotherLengthIsTheLastOnItsConnection(int length) {
    CodecHarness.Outcome outcome =
        CodecHarness.send(
            request -> request.set(HeaderName.CONTENT_LENGTH, length),
            response -> {},
            "HTTP/1.1 204 No Content\r\n\r\n",
            REQUEST);
    assertEquals(List.of(), outcome.forwarded());
    assertEquals(List.of(), outcome.statuses());
    assertEquals(0, outcome.leaked());
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
