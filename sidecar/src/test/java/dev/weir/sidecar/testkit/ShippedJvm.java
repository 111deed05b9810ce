package dev.weir.sidecar.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The JVM with the options, and so the memory, that the sidecar is shipped with. */
public final class ShippedJvm {
  private static final String OPTIONS =
      ". ../scripts/lib/jvm.sh; heap_of default; collector_of sidecar; printf '%s\\n' \"${jvm[@]}\" \"${heap[@]}\" \"${collector[@]}\"";

  private ShippedJvm() {}

  /** What runs {@code main} of the tests' class path. */
  public static List<String> command(String main, String... arguments) {
    List<String> words =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    words.addAll(options());
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    words.addAll(Arrays.asList(arguments));
    return words;
  }

  private static List<String> options() {
    ProcessBuilder shell = new ProcessBuilder("bash", "-euc", OPTIONS);
    shell.environment().remove("WEIR_JAVA_OPTS");
    try {
      Process process = shell.redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(said);
      }
      return said.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
