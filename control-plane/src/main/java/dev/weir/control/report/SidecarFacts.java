package dev.weir.control.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * What is told of one sidecar: its pages, requests that failed, threads, heap and a recording of
 * where its time goes. What cannot be had is named, and costs nothing else.
 *
 * @param recording how long; empty: none
 */
public record SidecarFacts(Archive archive, Optional<Duration> recording) {
  private static final Duration LONGEST = Duration.ofSeconds(15);

  private static final List<String> PAGES =
      List.of(
          "ready",
          "server_info",
          "clusters",
          "listeners",
          "certs",
          "stats",
          "memory",
          "runtime",
          "plaintext",
          "edges",
          "threads");

  /** Pages with the values of headers in them, by the names of their files. */
  private static final Map<String, String> WITH_HEADERS =
      Map.of(
          "config_dump", "/config_dump",
          "requests-failed", "/requests?kind=failed&limit=200",
          "requests-refused", "/requests?kind=refused&limit=50",
          "requests-slow", "/requests?kind=slow&limit=50");

  /** A recording under way. */
  public static final class Recording {
    private final FutureTask<byte[]> task;

    private Recording(FutureTask<byte[]> task) {
      this.task = task;
    }
  }

  /** Begins a recording, beside which others can run. */
  public Optional<Recording> begin(SidecarAdmin admin) {
    return recording.map(time -> {
      FutureTask<byte[]> task =
          new FutureTask<>(
              () -> admin.ask("POST", "/profile?seconds=" + time.toSeconds(), time.plus(LONGEST)));
      Thread.ofVirtual().name("recording").start(task);
      return new Recording(task);
    });
  }

  /**
   * Adds all.
   *
   * @param place in the archive, ends with a slash
   * @param begun its recording, which is waited for
   */
  public void collect(String place, SidecarAdmin admin, Optional<Recording> begun)
      throws IOException {
    for (String name : PAGES) {
      file(place + name + ".txt", () -> text(admin, "GET", "/" + name));
    }
    for (Map.Entry<String, String> each : WITH_HEADERS.entrySet()) {
      file(
          place + each.getKey() + ".txt",
          () -> HeaderValues.without(text(admin, "GET", each.getValue())));
    }
    // Without parameters it changes nothing, in Envoy either.
    file(place + "logging.txt", () -> text(admin, "POST", "/logging"));
    String file = place + "recording.jfr";
    if (begun.isPresent()) {
      try {
        archive.addWhole(file, begun.get().task.get());
      } catch (ExecutionException e) {
        archive.miss(file, reason(e.getCause() == null ? e : e.getCause()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        archive.miss(file, "interrupted");
      }
    } else {
      archive.miss(file, "not asked for (--no-recording)");
    }
    // It is a recording too, of which there is one at a time.
    file(place + "heap_histogram.txt", () -> text(admin, "POST", "/heap_histogram"));
  }

  private static String text(SidecarAdmin admin, String method, String path) throws IOException {
    return new String(admin.ask(method, path, LONGEST), StandardCharsets.UTF_8);
  }

  /** One file. */
  private interface Text {
    String get() throws IOException;
  }

  private void file(String name, Text text) throws IOException {
    String said;
    try {
      said = text.get();
    } catch (IOException e) {
      archive.miss(name, reason(e));
      return;
    }
    archive.add(name, said);
  }

  private static String reason(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
