package dev.weir.control.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.weir.testkit.ClosedPort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir bug-report ADDRESS:PORT}, of admin pages that this test serves. */
class SidecarReportTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** By method and target; what is not here is answered 404. */
  private final Map<String, byte[]> pages = new ConcurrentHashMap<>();

  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] page = pages.get(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          byte[] body = page == null ? "no such page\n".getBytes(StandardCharsets.UTF_8) : page;
          exchange.sendResponseHeaders(page == null ? 404 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    page("GET /server_info", "{\"version\":\"weir/1\"}");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void page(String what, String text) {
    pages.put(what, text.getBytes(StandardCharsets.UTF_8));
  }

  private int run(String... words) {
    out.reset();
    err.reset();
    return BugReport.run(
        words,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  /** The folder of the sidecar in what is written and unpacked. */
  private Path report(String... words) throws IOException, InterruptedException {
    Path file = folder.resolve("report.tar.gz");
    String address = "127.0.0.1:" + server.getAddress().getPort();
    String[] all = new String[words.length + 2];
    all[0] = address;
    all[1] = "--file=" + file;
    System.arraycopy(words, 0, all, 2, words.length);
    assertEquals(0, run(all), () -> err.toString(StandardCharsets.UTF_8));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertTrue(out.toString(StandardCharsets.UTF_8).startsWith(file.toString()));
    Process tar =
        new ProcessBuilder("tar", "-xzf", file.toString(), "-C", folder.toString(), "--strip=1")
            .redirectErrorStream(true)
            .start();
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, tar.waitFor(), said);
    return folder.resolve("sidecar/" + address.replace(':', '-'));
  }

  @Test
  void recordingIsAddedAsItCame() throws Exception {
    byte[] recording = {'F', 'L', 'R', 0, (byte) 0xff, (byte) 0xfe, 13, 10};
    pages.put("POST /profile?seconds=2", recording);
    Path report = report("--seconds=2");
    assertArrayEquals(recording, Files.readAllBytes(report.resolve("recording.jfr")));
  }

  @Test
  void valuesOfHeadersAreLeftOut() throws Exception {
    page(
        "GET /requests?kind=failed&limit=200",
        """
        {"requests":[{"path":"/a","fields":{"x-customer":"HUSHHUSH","accept":"HUSHHUSH"}}]}
        """);
    page(
        "GET /config_dump",
        """
        {"routes":[{"match":{"prefix":"/a","headers":[
           {"name":"x-key","string_match":{"exact":"HUSHHUSH"}},{"name":"x-there","present_match":true}]},
         "request_headers_to_add":[{"header":{"key":"x-token","value":"HUSHHUSH"}}]}]}
        """);
    Path report = report("--no-recording");
    String requests = Files.readString(report.resolve("requests-failed.txt"));
    assertFalse(requests.contains("HUSHHUSH"), requests);
    assertTrue(requests.contains("x-customer"), requests);
    String dump = Files.readString(report.resolve("config_dump.txt"));
    assertFalse(dump.contains("HUSHHUSH"), dump);
    for (String name : new String[] {"x-key", "x-token", "present_match", "/a"}) {
      assertTrue(dump.contains(name), dump);
    }
  }

  @Test
  void whatCannotBeHadIsNamedWithTheReason() throws Exception {
    Path report = report("--no-recording");
    String missing = Files.readString(folder.resolve("missing.txt"));
    assertTrue(missing.contains("heap_histogram.txt: "), missing);
    assertTrue(missing.contains("/heap_histogram answers 404: no such page"), missing);
    assertTrue(missing.contains("recording.jfr: not asked for"), missing);
    assertTrue(missing.contains("weir-sidecar.log: "), missing);
    assertTrue(Files.exists(report.resolve("server_info.txt")));
    assertTrue(Files.readString(folder.resolve("README.txt")).contains("missing.txt"));
  }

  @Test
  void nothingIsWrittenWhereNobodyAnswers() throws Exception {
    Path file = folder.resolve("none.tar.gz");
    try (ClosedPort closed = new ClosedPort()) {
      assertEquals(1, run("127.0.0.1:" + closed.port(), "--file=" + file));
    }
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("there are no admin pages"));
    assertFalse(Files.exists(file));
  }

  @Test
  void folderWithoutMembersSaysSo() {
    assertEquals(1, run("--config=" + folder, "cart"));
    String said = err.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("no instance of cart runs in the mesh of"), said);
    assertEquals(2, run("--config=" + folder, "--seconds=0"));
    assertEquals(2, run("--config=" + folder, "-k"));
  }
}
