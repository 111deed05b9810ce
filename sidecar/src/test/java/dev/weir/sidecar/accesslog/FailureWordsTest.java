package dev.weir.sidecar.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Flags and details of what goes wrong, in the words that Envoy 1.40 was seen to log. */
class FailureWordsTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: app\r\n\r\n";

  @TempDir private Path folder;

  /** The line that a request leaves. */
  private String logged(int port, UnaryOperator<TestConfig> more, String request) throws Exception {
    Path file = folder.resolve("log");
    TestConfig config =
        TestConfig.to(port)
            .accessLog(file, "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%");
    try (TestSidecar sidecar = more.apply(config).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send(request);
      Await.until(() -> file.toFile().length() > 0);
      return Files.readString(file).strip();
    }
  }

  private String logged(TestUpstream.Script app, UnaryOperator<TestConfig> more) throws Exception {
    try (TestUpstream upstream = TestUpstream.start(app)) {
      return logged(upstream.port(), more, GET);
    }
  }

  private static TestUpstream.Script half(String framing) {
    return (request, out) -> {
      TestUpstream.write(out, "HTTP/1.1 200 OK\r\n" + framing);
      return false;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.0", "HTTP/1.1"})
  void protocolIsTheRequests(String version) throws Exception {
    Path file = folder.resolve("log");
    try (TestUpstream app = TestUpstream.replying("");
        TestSidecar sidecar = TestConfig.to(app).accessLog(file, "%PROTOCOL%").start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / " + version + "\r\nHost: app\r\n\r\n").read(false);
      Await.until(() -> file.toFile().length() > 0);
      assertEquals(version, Files.readString(file).strip());
    }
  }

  @Test
  void halfAResponseIsAFaultOfTheMessage() throws Exception {
    String line = "200 UPE upstream_reset_after_response_started{protocol_error}";
    assertEquals(line, logged(half("Content-Length: 9\r\n\r\nabc"), config -> config));
    Files.delete(folder.resolve("log"));
    assertEquals(
        line, logged(half("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), config -> config));
  }

  @Test
  void connectionThatIsCutBeforeTheResponse() throws Exception {
    assertEquals(
        "503 UC upstream_reset_before_response_started{connection_termination}",
        logged((request, out) -> false, config -> config));
  }

  @Test
  void connectionThatIsRefused() throws Exception {
    try (ClosedPort closed = new ClosedPort()) {
      assertEquals(
          "503 UF upstream_reset_before_response_started{remote_connection_failure|connection_refused}",
          logged(closed.port(), config -> config, GET));
    }
  }

  @Test
  void streamThatLivesTooLongHasNoFlag() throws Exception {
    assertEquals(
        "504 - max_duration_timeout",
        logged(
            (request, out) -> true,
            config -> config.route("max_stream_duration: {max_stream_duration: 0.1s}")));
  }

  @Test
  void headThatIsNotWholeInTimeHasNoFlag() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("")) {
      assertEquals(
          "408 - request_header_timeout",
          logged(
              upstream.port(),
              config -> config.manager("request_headers_timeout: 0.1s"),
              "GET / HTTP/1.1\r\nHo"));
    }
  }

  @Test
  void malformedRequestsAreLogged() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("")) {
      assertEquals(
          "400 DPE missing_host_header",
          logged(upstream.port(), config -> config, "GET / HTTP/1.1\r\n\r\n"));
    }
  }
}
