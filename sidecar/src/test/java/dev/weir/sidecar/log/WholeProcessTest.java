package dev.weir.sidecar.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With {@code --log-format json} every line of the process is an object, whoever writes it. */
@Tag("slow")
class WholeProcessTest {
  private static final String BOOTSTRAP =
      """
      admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
      static_resources:
        listeners:
        - name: in
          address: {socket_address: {address: 127.0.0.1, port_value: 0}}
          freebind: true
          filter_chains:
          - filters:
            - name: envoy.filters.network.tcp_proxy
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: in
                cluster: none
      """;

  @TempDir private Path folder;

  /** Not the sidecar: what libraries do that say something in their own way. */
  static final class Library {
    public static void main(String[] words) throws InterruptedException {
      LogOptions options = new LogOptions(LogFormat.JSON, new Levels(Levels.DEFAULT));
      Logs logs = options.open("weir sidecar", System.out, System.err);
      Logger.getLogger("library").warning("by JUL");
      System.err.println("in its own way");
      Thread thread =
          new Thread(
              () -> {
                throw new IllegalStateException("a mistake");
              },
              "task");
      thread.start();
      thread.join();
      logs.close();
    }
  }

  private Process start(String main, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main));
    command.addAll(List.of(words));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("said").toFile())
        .start();
  }

  private List<Map<String, Object>> said() {
    try {
      List<Map<String, Object>> objects = new ArrayList<>();
      for (String line : Files.readAllLines(folder.resolve("said"))) {
        objects.add(JSONObjectUtils.parse(line));
      }
      return objects;
    } catch (ParseException e) {
      throw new AssertionError(text(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String text() {
    try {
      return Files.readString(folder.resolve("said"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String field(Map<String, Object> object, String name) {
    return String.valueOf(object.get(name));
  }

  @Test
  void librariesAndThreadsThatDieSayMessages() throws Exception {
    Process process = start(Library.class.getName());
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    List<Map<String, Object>> said = said();
    assertTrue(
        said.stream().anyMatch(each -> field(each, "message").equals("WARNING: library: by JUL")),
        this::text);
    assertTrue(
        said.stream().anyMatch(each -> field(each, "message").equals("in its own way")),
        this::text);
    Map<String, Object> mistake =
        said.stream()
            .filter(each -> field(each, "level").equals("critical"))
            .findFirst()
            .orElseThrow(() -> new AssertionError(text()));
    assertEquals("task", field(mistake, "thread"));
    assertTrue(field(mistake, "message").contains("IllegalStateException: a mistake at "));
  }

  @Test
  void sidecarSaysObjectsFromItsStartToItsEnd() throws Exception {
    Path bootstrap = Files.writeString(folder.resolve("bootstrap.yaml"), BOOTSTRAP);
    Process process =
        start(
            "dev.weir.sidecar.Main",
            "--config=" + bootstrap,
            "--log-format=json",
            "--log-level=error",
            "--component-log-level=config:info");
    try {
      Await.until(() -> text().contains("\"listener in: "), this::text);
      String admin = text().lines().filter(line -> line.contains("\"admin: ")).findFirst().get();
      int port = Integer.parseInt(admin.replaceAll(".*127.0.0.1:(\\d+).*", "$1"));
      try (RawClient client = new RawClient(port)) {
        client.send("POST /quitquitquit HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        assertEquals(200, client.read(false).status());
      }
      assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
    List<Map<String, Object>> said = said();
    assertTrue(
        said.stream()
            .anyMatch(each ->
                field(each, "level").equals("warning")
                    && field(each, "component").equals("config")
                    && field(each, "message").contains("freebind")),
        this::text);
    assertEquals(2, said.stream().filter(each -> field(each, "level").equals("info")).count());
  }
}
