package dev.weir.bench.mesh;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The control plane, as a process of its own; what it says goes to standard error. */
final class ControlPlaneProcess implements AutoCloseable {
  private static final double TICKS = 100;

  private final Process process;
  private final int port;

  /**
   * Starts it, and returns when it serves.
   *
   * @param command what runs {@code weir control-plane}
   * @param source what it reads
   * @param port 0: any
   */
  ControlPlaneProcess(List<String> command, MeshSource source, int port) throws IOException {
    List<String> words = new ArrayList<>(command);
    words.addAll(source.words());
    words.addAll(List.of("--listen", "127.0.0.1:" + port, "--admin", "127.0.0.1:0"));
    process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Runtime.getRuntime().addShutdownHook(new Thread(this::close)); // Ctrl-C leaves nothing
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    while (line != null && !line.contains("ADS on ")) {
      line = out.readLine();
    }
    if (line == null) {
      throw new IOException("the control plane did not start; see above");
    }
    this.port = Integer.parseInt(line.replaceFirst(".*ADS on [^:]*:([0-9]+).*", "$1"));
  }

  int port() {
    return port;
  }

  /** Ends it: as asked, or at once. */
  void end(boolean atOnce) throws InterruptedException {
    if (atOnce) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("it does not end");
    }
  }

  /** Seconds of CPU that it took. */
  double cpu() throws IOException {
    return seconds(Path.of("/proc", String.valueOf(process.pid()), "stat"));
  }

  /** Seconds of CPU that its control thread took. */
  double controlCpu() throws IOException {
    Path tasks = Path.of("/proc", String.valueOf(process.pid()), "task");
    double cpu = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
      for (Path task : all) {
        if (Files.readString(task.resolve("comm")).strip().equals("control")) {
          cpu += seconds(task.resolve("stat"));
        }
      }
    }
    return cpu;
  }

  private static double seconds(Path stat) throws IOException {
    String text = Files.readString(stat);
    String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
  }

  /** MiB that it has in memory now, or had at most. */
  long rss(boolean most) throws IOException {
    String key = most ? "VmHWM:" : "VmRSS:";
    return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElse(0);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
