package dev.weir.control.server;

import dev.weir.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A control plane in a process of its own, with the memory that the smallest installation has. */
final class ControlPlaneProcess implements AutoCloseable {
  /** Of heap and buffers, in MiB: as values-edge.yaml of the chart has them. */
  static final int HEAP = 192;

  static final int BUFFERS = 96;

  private static final Pattern LISTENS = Pattern.compile("ADS on 127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final Process process;
  private final Path output;

  /**
   * @param config the folder that it serves
   * @param output the file that it says things to
   */
  ControlPlaneProcess(Path config, Path output) throws IOException {
    this.output = output;
    process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + HEAP + "m",
                    "-XX:MaxDirectMemorySize=" + BUFFERS + "m",
                    "-XX:+UseSerialGC",
                    "-XX:+UseCompactObjectHeaders",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.weir.control.Main",
                    "--config=" + config,
                    "--listen=127.0.0.1:0",
                    "--admin=127.0.0.1:0",
                    "--state=none"))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    Await.until(() -> port() > 0, this::said);
  }

  /** Where its streams are; 0: nowhere yet. */
  int port() {
    Matcher matcher = LISTENS.matcher(said());
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
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
