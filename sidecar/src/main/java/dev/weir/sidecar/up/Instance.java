package dev.weir.sidecar.up;

import dev.weir.sidecar.member.Lines;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One {@code weir run}, in a session of its own: Ctrl-C is for who started it. Any thread. */
final class Instance {
  /** How long what one has said that was killed is waited for. */
  private static final Duration LAST_LINES = Duration.ofSeconds(5);

  private final String name;
  private final Process process;
  private volatile boolean stopping;
  private volatile boolean killed;
  private volatile boolean seenReady;
  private Thread copying = Thread.currentThread();

  private Instance(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /**
   * @param index the how-many-th of the service it is
   * @param name what its lines are called
   * @param lines takes what it says
   */
  static Instance start(
      Path weir, Path config, Service service, int index, String name, Consumer<String> lines)
      throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "setsid",
                weir.toString(),
                "run",
                "--config=" + config,
                "--service=" + service.name()));
    words.add("--restart=" + service.restart());
    words.add("--stop-grace=" + service.stopGrace().toMillis() + "ms");
    service.ports().forEach(port -> words.add("--publish=" + port));
    service.environment().forEach((key, value) -> words.add("--env=" + key + "=" + value));
    words.add("--");
    words.addAll(service.command());
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(service.workingDir().toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true);
    builder.environment().put("WEIR_INSTANCE", Integer.toString(index));
    Process process = builder.start();
    Instance instance = new Instance(name, process);
    // No virtual one: each that reads a pipe holds a carrier, and once the spare ones have been
    // idle
    // for half a minute the JDK makes no other: quiet instances would leave none for those who ask.
    instance.copying = Thread.ofPlatform().daemon().name(name).start(() -> instance.copy(lines));
    return instance;
  }

  private void copy(Consumer<String> lines) {
    OutputStream each =
        new OutputStream() {
          @Override
          public void write(int one) {
            lines.accept(String.valueOf((char) one));
          }

          @Override
          public void write(byte[] line, int offset, int length) {
            lines.accept(new String(line, offset, length - 1, StandardCharsets.UTF_8));
          }
        };
    try {
      new Lines(each, new byte[0], new byte[0]).copy(process.getInputStream());
    } catch (IOException e) {
      lines.accept("what it says is lost: " + e.getMessage());
    }
  }

  String name() {
    return name;
  }

  /** Also its member's, which it becomes. */
  long pid() {
    return process.pid();
  }

  boolean running() {
    return process.isAlive();
  }

  /** How it was when somebody looked. */
  void seen(boolean ready) {
    seenReady = ready;
  }

  boolean seenReady() {
    return seenReady;
  }

  /** Whether its end is wanted. */
  boolean stopping() {
    return stopping;
  }

  /** It leaves the mesh, and ends; told again, at once. */
  void stop() {
    stopping = true;
    process.toHandle().destroy(); // its own would close what is still to be read
  }

  /** It ends, with its app and its sidecar, and nobody is asked. */
  void kill() {
    killed = true;
    process.toHandle().destroyForcibly();
  }

  /** Waits for its end, for at most {@code limit}; whether it has come. */
  boolean hasEndedWithin(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Waits for its end, and for its last line. */
  int await() throws InterruptedException {
    int status = process.waitFor();
    if (!killed) {
      copying.join();
    } else if (!copying.join(LAST_LINES)) {
      copying.interrupt(); // somebody it has left has its output, and says nothing
    }
    return status;
  }
}
