package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.TestSidecar;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What HTTP/2 clients get of a response that is there before the request has been read. */
class Http2LocalReplyTest {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final String SETTINGS = "000000 04 00 00000000";

  /** HEADERS of stream 1: GET or POST, http, /, authority app. */
  private static final String GET_WITHOUT_BODY = "000008 01 05 00000001 82868401 03617070";

  private static final String POST_WITH_BODY_TO_COME = "000008 01 04 00000001 83868401 03617070";

  private static final String YAML =
      TestSidecar.yaml(1, "", "", "", "")
          .replaceFirst(
              "route:\\n\\s+cluster: app\\n",
              "direct_response: {status: 429, body: {inline_string: slow down}}\n");

  @Test
  void aReplyAtOnceComesWhole() throws IOException {
    assertEquals(List.of("HEADERS", "DATA slow down END_STREAM"), frames(GET_WITHOUT_BODY, 2));
  }

  @Test
  void aReplyAtOnceComesWholeBeforeTheRestOfTheRequestIsRefused() throws IOException {
    assertEquals(
        List.of("HEADERS", "DATA slow down END_STREAM", "RST_STREAM 00000000"),
        frames(POST_WITH_BODY_TO_COME, 3));
  }

  /** The first frames of stream 1. */
  private static List<String> frames(String request, int count) throws IOException {
    HexFormat hex = HexFormat.of();
    try (TestSidecar sidecar = TestSidecar.start(YAML, 1);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write(PREFACE.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(hex.parseHex((SETTINGS + request).replace(" ", "")));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      List<String> frames = new ArrayList<>();
      while (frames.size() < count) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        boolean end = (in.readUnsignedByte() & 1) != 0;
        int stream = in.readInt();
        byte[] payload = in.readNBytes(length);
        if (stream == 1) {
          frames.add(
              switch (type) {
                case 0 ->
                    "DATA "
                        + new String(payload, StandardCharsets.US_ASCII)
                        + (end ? " END_STREAM" : "");
                case 1 -> "HEADERS" + (end ? " END_STREAM" : "");
                case 3 -> "RST_STREAM " + hex.formatHex(payload);
                default -> "frame " + type;
              });
        }
      }
      return frames;
    }
  }
}
