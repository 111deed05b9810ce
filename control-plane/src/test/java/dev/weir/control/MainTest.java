package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program: what it prints, and how it ends. */
class MainTest {
  private static final String EXAMPLES = Golden.REPOSITORY.resolve("examples/shop").toString();

  @TempDir Path folder;
  private final StringWriter err = new StringWriter();

  @Test
  void saysWhereItListensAndStopsAtASignal() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--config",
                EXAMPLES,
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      assertTrue(
          line.matches(
              "control plane: ADS on 127.0.0.1:[1-9]\\d*, admin on http://127.0.0.1:[1-9]\\d*"),
          line);
      process.destroy();
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void missingFolderIsWrongUsage() {
    assertEquals(2, run("--config", folder.resolve("none").toString()));
    assertTrue(
        err.toString().startsWith(folder.resolve("none") + " is not a folder"), err::toString);
  }

  @Test
  void missingOptionIsWrongUsage() {
    assertEquals(2, run());
    assertTrue(err.toString().startsWith("Missing required option: '--config=DIR'"), err::toString);
  }

  @Test
  void addressThatIsNoneIsWrongUsage() {
    assertEquals(2, run("--config", EXAMPLES, "--listen", "15010"));
    assertTrue(
        err.toString().contains("\"15010\" is not an address and port, as 127.0.0.1:15010"),
        err::toString);
  }

  @Test
  void portInUseIsOneLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertEquals(
          1, run("--config", EXAMPLES, "--listen", "127.0.0.1:" + port, "--admin", "127.0.0.1:0"));
      String last = err.toString().lines().toList().getLast();
      assertTrue(last.startsWith("control plane: ") && last.contains("" + port), last);
      assertTrue(last.contains("Address already in use"), last);
    }
  }

  private int run(String... arguments) {
    return Main.commandLine(new Main()).setErr(new PrintWriter(err, true)).execute(arguments);
  }
}
