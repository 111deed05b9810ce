package dev.weir.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the admin pages tell of threads, heap and time. */
@Tag("slow")
class ProfilesTest {
  private static final String SECRET = "weir.test.secret";

  @TempDir Path folder;

  private TestUpstream app;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("ok");
    sidecar = TestConfig.to(app).start(1);
  }

  @AfterEach
  void stop() throws IOException {
    System.clearProperty(SECRET);
    sidecar.close();
    app.close();
  }

  private static String request(String method, String path) {
    return method + " " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
  }

  private RawClient.Response ask(String method, String path) {
    try (RawClient admin = new RawClient(sidecar.adminPort())) {
      return admin.send(request(method, path)).read(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean done(RawClient.Response response) {
    return response.status() == 200;
  }

  @Test
  void recordingHasWhatTheProcessDoesAndNothingOfItsArgumentsAndVariables() throws Exception {
    System.setProperty(SECRET, "HUSHHUSH-of-a-property");
    RawClient.Response answer = ask("POST", "/profile?seconds=1");
    assertEquals(200, answer.status(), answer::body);
    Path file = folder.resolve("recording.jfr");
    Files.write(file, answer.body().getBytes(StandardCharsets.ISO_8859_1));
    Set<String> types =
        RecordingFile.readAllEvents(file).stream()
            .map(event -> event.getEventType().getName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertTrue(types.contains("jdk.CPULoad"), types::toString);
    for (String hidden :
        Set.of(
            "jdk.InitialSystemProperty",
            "jdk.InitialEnvironmentVariable",
            "jdk.JVMInformation",
            "jdk.SystemProcess",
            "jdk.SocketRead",
            "jdk.SocketWrite",
            "jdk.FileRead",
            "jdk.FileWrite",
            "jdk.JavaExceptionThrow",
            "jdk.JavaErrorThrow",
            "jdk.StringFlag",
            "jdk.NetworkUtilization",
            "jdk.NativeLibrary")) {
      assertFalse(types.contains(hidden), types::toString);
    }
    assertFalse(answer.body().contains("HUSHHUSH"));
    assertFalse(answer.body().contains(System.getenv("PATH")));
    assertFalse(answer.body().contains(System.getProperty("java.class.path")));
  }

  @Test
  void recordingsAreMadeOneAtATimeAndEndWithWhoAsks() throws Exception {
    try (RawClient first = new RawClient(sidecar.adminPort())) {
      first.send(request("POST", "/profile?seconds=300"));
      Await.until(() -> {
        RawClient.Response second = ask("POST", "/heap_histogram");
        return second.status() == 503 && second.body().contains("ask again");
      });
    }
    Await.until(() -> done(ask("POST", "/heap_histogram")));
  }

  @Test
  void nothingIsLeftInTheFolderForTemporaryFiles() throws Exception {
    Await.until(() -> done(ask("POST", "/profile?seconds=1")));
    Path repository = Path.of(System.getProperty("jdk.jfr.repository"));
    Await.until(() -> !Files.exists(repository));
  }

  @Test
  void histogramHasTheClassesThatHoldMost() throws Exception {
    String page = ask("POST", "/heap_histogram").body();
    assertTrue(page.contains("java.lang.String"), page);
    assertTrue(page.lines().skip(1).findFirst().orElse("").matches(" *[0-9]+ +[0-9]+ .*"), page);
  }

  @Test
  void threadsAreToldByName() throws Exception {
    RawClient.Response page = ask("GET", "/threads");
    assertEquals(200, page.status());
    assertTrue(page.body().contains("\"control\""), page::body);
    assertTrue(page.body().contains("\"loop-"), page::body);
  }

  @Test
  void whatCostsSomethingIsNotHadByGetNorWithoutBounds() throws Exception {
    assertEquals(405, ask("GET", "/profile").status());
    assertEquals(405, ask("GET", "/heap_histogram").status());
    assertEquals(400, ask("POST", "/profile?seconds=0").status());
    assertEquals(400, ask("POST", "/profile?seconds=301").status());
    assertEquals(400, ask("POST", "/profile?minutes=1").status());
  }
}
