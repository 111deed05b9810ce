package dev.weir.sidecar.attack;

import dev.weir.sidecar.testkit.ShippedJvm;
import dev.weir.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A sidecar in a process of its own, with the memory that it is shipped with. */
final class SidecarProcess implements AutoCloseable {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final Process process;
  private final Path output;

  /**
   * @param folder for what it reads and says
   * @param listener one that it has when it is ready
   */
  SidecarProcess(Path folder, Bootstrap config, String listener) throws IOException {
    Path bootstrap = folder.resolve("bootstrap.yaml");
    Files.writeString(bootstrap, config.yaml());
    output = folder.resolve("said");
    process =
        new ProcessBuilder(ShippedJvm.command("dev.weir.sidecar.Main", "--config=" + bootstrap))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    Await.until(() -> port(listener) > 0, this::said);
  }

  /** Where a listener is; 0: it is not yet. */
  int port(String listener) {
    Matcher matcher =
        Pattern.compile("listener " + listener + ": 127\\.0\\.0\\.1:(\\d+)").matcher(said());
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String said() {
    return read(output);
  }

  long residentMiB() {
    Matcher matcher = RESIDENT.matcher(read(Path.of("/proc/" + process.pid() + "/status")));
    return matcher.find() ? Long.parseLong(matcher.group(1)) >> 10 : 0;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
