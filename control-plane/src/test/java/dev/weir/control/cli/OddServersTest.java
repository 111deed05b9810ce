package dev.weir.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What answers where an API server is to be, and is none. */
class OddServersTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private HttpServer server;
  private Path kubeconfig;
  private int status = 200;
  private String type = "text/html";
  private String body = "<html>login</html>";

  @SuppressWarnings("NullAway.Init")
  OddServersTest() {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", type);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    kubeconfig =
        Files.writeString(
            folder.resolve("config"),
            """
            clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d"}}]
            contexts: [{name: c, context: {cluster: c}}]
            current-context: c
            """
                .formatted(server.getAddress().getPort()));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /** One of the programs. */
  private interface Command {
    int run(String[] words, PrintStream out, PrintStream err);
  }

  private int run(Command command, String... words) {
    out.reset();
    err.reset();
    String[] all = new String[words.length + 2];
    all[0] = "--kubeconfig";
    all[1] = kubeconfig.toString();
    System.arraycopy(words, 0, all, 2, words.length);
    return command.run(
        all,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "200 | text/html        | <html>login</html>            | text/html",
        "200 | application/json | ~~                            | an empty answer",
        "404 | text/plain       | not found                     | 404 for /version",
        "200 | application/json | {\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": []} | its /version has no major and minor",
      })
  void whatIsNoApiServerIsSaidInOneLine(int code, String contentType, String text, String what) {
    status = code;
    type = contentType;
    body = text;
    assertEquals(1, run(Precheck::run));
    assertEquals(
        "weir precheck: what answers at http://127.0.0.1:%d/ (context c) is no Kubernetes API server (%s)\n"
            .formatted(server.getAddress().getPort(), what),
        err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void everyCommandSaysSo() {
    Map<String, Command> commands =
        Map.of(
            "status", Status::run,
            "version", Versions::run,
            "check",
                (words, to, errors) ->
                    Check.run(words, Map.of(), InputStream.nullInputStream(), to, errors));
    commands.forEach((name, command) -> {
      assertEquals(1, run(command), name);
      String said = err.toString(StandardCharsets.UTF_8);
      assertTrue(said.contains("is no Kubernetes API server (text/html)"), said);
      assertEquals(1, said.lines().count(), said);
    });
  }

  @Test
  void reportIsWrittenAllTheSame() {
    Path file = folder.resolve("report.tar.gz");
    assertEquals(
        0,
        run(BugReport::run, "--file", file.toString()),
        () -> err.toString(StandardCharsets.UTF_8));
    assertTrue(Files.exists(file));
  }
}
