package dev.weir.sidecar.member;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of a member say on the standard error, a thread each. The app writes by itself.
 */
final class Output implements AutoCloseable {
  private static final int NEWS_MILLIS = 100;

  private final PrintStream err;
  private final String name;
  private final Arguments.Shown shown;
  private final List<Thread> copies = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param name the instance's
   */
  Output(PrintStream err, String name, Arguments.Shown shown) {
    this.err = err;
    this.name = name;
    this.shown = shown;
  }

  /** Where it listens in the member's own network says nothing to anybody. */
  void copySidecar(Process sidecar) {
    Lines lines = lines("[" + name + " sidecar] ").without("admin: ");
    thread(() -> lines.copy(sidecar.getInputStream()));
  }

  /** A line of the member's own. */
  void say(@Nullable String line) {
    write(new Lines(err, bytes("weir run: "), bytes(end())), String.valueOf(line));
  }

  /** Says what the control plane does, as the holder's log has it. */
  void follow(Path log) throws IOException {
    Lines lines = lines("[control plane] ");
    ControlPlaneNews news = new ControlPlaneNews(log, line -> write(lines, line));
    news.begin();
    thread(() -> {
      boolean last;
      do {
        last = closed.await(NEWS_MILLIS, TimeUnit.MILLISECONDS);
        news.poll();
      } while (!last);
    });
  }

  private static void write(Lines lines, String line) {
    try {
      lines.write(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Lines lines(String prefix) {
    return shown.dimmed()
        ? new Lines(err, bytes("\u001b[2m" + prefix), bytes("\u001b[0m" + end()))
        : new Lines(err, bytes(prefix), bytes(""));
  }

  /** A terminal that is passed through does not go to a line's begin by itself. */
  private String end() {
    return shown.passed() && shown.dimmed() ? "\r" : "";
  }

  private interface Copy {
    void run() throws IOException, InterruptedException;
  }

  private void thread(Copy copy) {
    copies.add(
        Thread.ofPlatform()
            .daemon()
            .name("output")
            .start(() -> {
              try {
                copy.run();
              } catch (IOException e) {
                say(name + ": what it says is lost: " + e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Until the last line of each, whose process has ended. */
  @Override
  public void close() throws InterruptedException {
    closed.countDown();
    for (Thread copy : copies) {
      copy.join();
    }
  }
}
