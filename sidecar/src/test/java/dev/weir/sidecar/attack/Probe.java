package dev.weir.sidecar.attack;

import dev.weir.testkit.RawClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Somebody who means well: a request each tenth of a second, by turns on a connection that is kept
 * and on a new one.
 */
final class Probe implements AutoCloseable {
  private static final long PAUSE_NANOS = 100_000_000;

  private final Connector connector;
  private final List<String> failures = new ArrayList<>();
  private final Thread thread;
  private int asked;
  private volatile boolean over;

  /** Makes its connections. */
  interface Connector {
    RawClient connect() throws IOException;
  }

  Probe(Connector connector) {
    this.connector = connector;
    this.thread = Thread.ofPlatform().name("probe").start(this::run);
  }

  private void run() {
    try (RawClient kept = connector.connect()) {
      while (!over) {
        ask(kept);
        try (RawClient fresh = connector.connect()) {
          ask(fresh);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      failures.add("no answer: " + e);
    }
  }

  private void ask(RawClient client) throws IOException {
    asked++;
    RawClient.Response response = client.get("/well");
    if (response.status() != 200 || !response.body().equals("well")) {
      failures.add(response.toString());
    }
  }

  /** What went wrong; the probe is over then. */
  List<String> failures() throws InterruptedException {
    over = true;
    thread.join();
    return asked == 0 ? List.of("nothing was asked") : failures;
  }

  @Override
  public void close() {
    over = true;
  }
}
