package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request whose head is good and has travelled on, and whose body turns out to be malformed. */
class MalformedBodyTest {
  @Test
  void isAnsweredAndLoggedOnce(@TempDir Path folder) throws Exception {
    Path log = folder.resolve("access.log");
    try (TestUpstream upstream = TestUpstream.replying("never");
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .accessLog(
                    log, "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %REQ(:PATH)%")
                .start()) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.send("POST /put HTTP/1.1\r\nHost: app\r\ntransfer-encoding: chunked\r\n\r\n");
        client.send("3\r\nabc\r\nxyz\r\n");
        assertEquals(400, client.read(false).status());
        assertTrue(client.closedWithin(5000));
      }
      sidecar.drain();
      assertEquals(1, sidecar.stat("http.in.downstream_cx_protocol_error"));
    }
    assertEquals(List.of("400 DPE http1.invalid_chunk /put"), Files.readAllLines(log));
  }
}
