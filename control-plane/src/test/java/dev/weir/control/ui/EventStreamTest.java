package dev.weir.control.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of listeners who do not listen, and of those who are too many. */
class EventStreamTest {
  private static final int MOST = 2;
  private static final int SOON_SECONDS = 10;

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch begun = new CountDownLatch(MOST);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final HttpServer server =
      HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);

  EventStreamTest() throws IOException {
    put("/impatient", Duration.ofMillis(300));
    put("/patient", Duration.ofMinutes(1));
    server.setExecutor(threads);
    server.start();
  }

  private void put(String path, Duration patience) {
    EventStream stream = new EventStream(this::tellWithoutEnd, MOST, patience, timer);
    server.createContext(path, exchange -> handle(stream, exchange));
  }

  private static void handle(EventStream stream, com.sun.net.httpserver.HttpExchange exchange)
      throws IOException {
    try (exchange) {
      stream.handle(exchange);
    }
  }

  private void tellWithoutEnd(Query query, EventStream.Listener to) throws IOException {
    String much = "x".repeat(1 << 16);
    try {
      to.event("much", much);
      begun.countDown();
      while (true) {
        to.event("much", much);
      }
    } finally {
      ended.countDown();
    }
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
    timer.shutdownNow();
  }

  private Socket listener(String path) throws IOException {
    Socket socket = new Socket(server.getAddress().getAddress(), server.getAddress().getPort());
    socket
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void whoDoesNotReadIsEnded() throws Exception {
    Socket silent = listener("/impatient");
    try (silent) {
      assertTrue(ended.await(SOON_SECONDS, TimeUnit.SECONDS));
    }
  }

  @Test
  void whoIsTooManyIsToldToComeAgain() throws Exception {
    Socket first = listener("/patient");
    Socket second = listener("/patient");
    try (first;
        second;
        HttpClient client = HttpClient.newHttpClient()) {
      Thread reader = Thread.startVirtualThread(() -> readAll(first));
      Thread other = Thread.startVirtualThread(() -> readAll(second));
      assertTrue(begun.await(SOON_SECONDS, TimeUnit.SECONDS));
      HttpResponse<String> third =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/patient"))
                  .timeout(Duration.ofSeconds(SOON_SECONDS))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(503, third.statusCode());
      assertEquals("10", third.headers().firstValue("Retry-After").orElseThrow());
      assertTrue(reader.isAlive() && other.isAlive(), "the two are told on");
    }
  }

  private static void readAll(Socket socket) {
    try {
      socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      return; // the test is over
    }
  }
}
