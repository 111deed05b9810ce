package dev.weir.control.server;

import dev.weir.testkit.ProgramProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** A control plane in a process of its own, with the memory that the smallest installation has. */
final class ControlPlaneProcess implements AutoCloseable {
  /** Of heap and buffers, in MiB: as values-edge.yaml of the chart has them. */
  static final int HEAP = 192;

  static final int BUFFERS = 96;

  private static final String LISTENS = "ADS on ";

  private final ProgramProcess process;

  /**
   * @param config the folder that it serves
   * @param output the file that it says things to
   */
  ControlPlaneProcess(Path config, Path output) throws IOException {
    process =
        new ProgramProcess(
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
                "--state=none"),
            output,
            LISTENS);
  }

  /** Where its streams are. */
  int port() {
    return process.port(LISTENS);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String said() {
    return process.said();
  }

  long residentMiB() {
    return process.residentMiB();
  }

  @Override
  public void close() {
    process.close();
  }
}
