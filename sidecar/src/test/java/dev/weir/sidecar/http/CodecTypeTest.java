package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.TestUpstream;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which version of HTTP a listener speaks, and what it says of itself in it. */
class CodecTypeTest {
  private TestUpstream app;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("hello");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  @Test
  void aListenerOfOneVersionDoesNotSpeakTheOther() throws IOException {
    try (TestSidecar first = TestConfig.to(app).manager("codec_type: HTTP1").start();
        TestSidecar second = TestConfig.to(app).manager("codec_type: HTTP2").start()) {
      try (RawClient client = new RawClient(first.port())) {
        assertEquals(200, client.get("/").status());
      }
      try (RawHttp2Client client = new RawHttp2Client(second.port())) {
        assertEquals(200, client.get(1, "/").flush().status(1));
      }
      assertThrows(
          IOException.class,
          () -> {
            try (RawHttp2Client client = new RawHttp2Client(first.port())) {
              client.get(1, "/").flush().status(1);
            }
          });
      assertThrows(
          IOException.class,
          () -> {
            try (RawClient client = new RawClient(second.port())) {
              client.get("/");
            }
          });
    }
  }

  @Test
  void theSettingsAreTheConfiguredOnes() throws IOException {
    try (TestSidecar sidecar =
            TestConfig.to(app)
                .manager(
                    "http2_protocol_options: {max_concurrent_streams: 7, initial_stream_window_size: 70000}")
                .start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      RawHttp2Client.Frame settings =
          client
              .flush()
              .await(frame -> frame.type() == RawHttp2Client.SETTINGS && frame.flags() == 0);
      Map<Integer, Integer> values = new HashMap<>();
      for (ByteBuffer in = ByteBuffer.wrap(settings.payload()); in.hasRemaining(); ) {
        values.put((int) in.getShort(), in.getInt());
      }
      assertEquals(7, values.get((int) Http2CodecUtil.SETTINGS_MAX_CONCURRENT_STREAMS));
      assertEquals(70000, values.get((int) Http2CodecUtil.SETTINGS_INITIAL_WINDOW_SIZE));
    }
  }
}
