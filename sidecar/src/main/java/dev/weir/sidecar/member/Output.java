package dev.weir.sidecar.member;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What the parts of a member say, a thread each. */
final class Output implements AutoCloseable {
  private static final int NEWS_MILLIS = 100;

  private final PrintStream out;
  private final PrintStream err;
  private final String name;
  private final boolean dimmed;
  private final List<Thread> copies = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param name the instance's
   * @param dimmed whether {@code err} is a terminal, where lines that are not the app's are dim
   */
  Output(PrintStream out, PrintStream err, String name, boolean dimmed) {
    this.out = out;
    this.err = err;
    this.name = name;
    this.dimmed = dimmed;
  }

  void copyApp(Process app) {
    copy(app.getInputStream(), new Lines(out, bytes("[" + name + "] "), bytes("")));
    copy(app.getErrorStream(), new Lines(err, bytes("[" + name + "] "), bytes("")));
  }

  void copySidecar(Process sidecar) {
    copy(sidecar.getInputStream(), lines("[" + name + " sidecar] "));
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
    return dimmed
        ? new Lines(err, bytes("\u001b[2m" + prefix), bytes("\u001b[0m"))
        : new Lines(err, bytes(prefix), bytes(""));
  }

  private void copy(InputStream in, Lines lines) {
    thread(() -> lines.copy(in));
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
                err.println("weir run: " + name + ": what it says is lost: " + e.getMessage());
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
