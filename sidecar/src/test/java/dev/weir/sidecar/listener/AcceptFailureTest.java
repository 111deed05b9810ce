package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar that has no descriptors left for connections. */
class AcceptFailureTest {
  /** Of the process: the JVM and its jars have about half of them open. */
  private static final int DESCRIPTORS = 250;

  private static final Pattern AT = Pattern.compile("(admin|listener in): 127\\.0\\.0\\.1:(\\d+)");

  @TempDir Path folder;

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int port(Path log, String of) {
    Matcher matcher = AT.matcher(text(log));
    while (matcher.find()) {
      if (matcher.group(1).equals(of)) {
        return Integer.parseInt(matcher.group(2));
      }
    }
    return 0;
  }

  private static List<String> complaints(Path log) {
    return text(log).lines().filter(line -> line.contains("cannot be accepted")).toList();
  }

  private static int failures(RawClient admin) {
    try {
      Matcher failed =
          Pattern.compile("listener\\.in\\.downstream_cx_accept_failed: (\\d+)")
              .matcher(admin.get("/stats").body());
      return failed.find() ? Integer.parseInt(failed.group(1)) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of jars, as the program is run: they are open, where a class of a folder is a file to open. */
  private String classPath() {
    List<String> path = new ArrayList<>();
    ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
    for (String each : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (Files.isDirectory(Path.of(each))) {
        String made = folder.resolve(path.size() + ".jar").toString();
        assertEquals(0, jar.run(System.out, System.err, "cf", made, "-C", each, "."));
        path.add(made);
      } else {
        path.add(each);
      }
    }
    return String.join(File.pathSeparator, path);
  }

  @Test
  void isToldOnceAndCountedAndOverWhenThereAreSomeAgain() throws Exception {
    Path log = folder.resolve("log");
    try (TestUpstream app = TestUpstream.replying("hello")) {
      Path bootstrap = Files.writeString(folder.resolve("b.yaml"), TestConfig.to(app).yaml());
      Process sidecar =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  "ulimit -n " + DESCRIPTORS + "; exec \"$@\"",
                  "sh",
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow",
                  "-cp",
                  classPath(),
                  "dev.weir.sidecar.Main",
                  "--config=" + bootstrap)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      List<Socket> many = new ArrayList<>();
      try {
        Await.until(() -> port(log, "listener in") > 0, () -> text(log));
        try (RawClient admin = new RawClient(port(log, "admin"))) {
          admin.get("/stats"); // a connection, and its classes, from before they run out
          for (int i = 0; i < DESCRIPTORS; i++) {
            many.add(new Socket(InetAddress.getLoopbackAddress(), port(log, "listener in")));
          }
          Await.until(() -> !complaints(log).isEmpty(), () -> text(log));
          Await.until(() -> failures(admin) > 2);
          for (Socket each : many) {
            each.close();
          }
          try (RawClient client = new RawClient(port(log, "listener in"))) {
            assertEquals("hello", client.get("/").body());
          }
        }
        assertEquals(1, complaints(log).size(), complaints(log).toString());
        assertTrue(complaints(log).getFirst().contains("Too many open files"));
      } finally {
        for (Socket each : many) {
          each.close();
        }
        sidecar.destroy();
        sidecar.waitFor();
      }
    }
  }
}
