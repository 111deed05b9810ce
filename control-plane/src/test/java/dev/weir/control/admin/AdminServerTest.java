package dev.weir.control.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the admin port answers when things go wrong. */
class AdminServerTest {
  private final AdminServer server =
      new AdminServer(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          Map.of(
              "/ready",
              () -> Map.of("ready", true),
              "/late",
              () -> {
                throw new IllegalStateException("too busy");
              }));

  AdminServerTest() throws IOException {}

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void pageThatFailsIsAnsweredWithTheReason() throws Exception {
    HttpResponse<String> response = get("/late");
    assertEquals(503, response.statusCode());
    assertEquals("{\"error\": \"too busy\"}", response.body().replaceAll("\\s*\n\\s*", ""));
  }

  @Test
  void halfSentRequestsHoldUpNoOther() throws Exception {
    List<Socket> half = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
        half.add(socket);
        socket.getOutputStream().write("GET /ready HT".getBytes(StandardCharsets.US_ASCII));
      }
      assertEquals(200, get("/ready").statusCode());
    } finally {
      for (Socket socket : half) {
        socket.close();
      }
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
