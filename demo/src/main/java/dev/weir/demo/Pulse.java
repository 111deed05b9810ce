package dev.weir.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What the shop's callers get, second by second, on the terminal's last line. Its own thread. */
final class Pulse implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final String RETRIES = "cluster\\.outbound.*upstream_rq_retry";

  private final Stage stage;
  private final Teller teller;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;

  Pulse(Stage stage, Teller teller) {
    this.stage = stage;
    this.teller = teller;
    this.thread = Thread.ofVirtual().name("pulse").start(this::run);
  }

  private void run() {
    try {
      long before = stage.counters(RETRIES);
      stage.caller().lately();
      while (!stop.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        long retries = stage.counters(RETRIES);
        teller.pulse(line(stage.caller().lately(), retries - before));
        before = retries;
      }
    } catch (IOException e) {
      teller.say("no pulse any more: %s", String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A refusal is the mesh's own and says why; what else is not 200 has failed. */
  static String line(Tally second, long retries) {
    int ok = second.count(kind -> kind.status() == 200);
    int refused = second.count(kind -> kind.status() > 200 && !kind.cause().isEmpty());
    return String.format(
        Locale.ROOT,
        "%d calls/s: %d ok, %d tried again, %d refused, %d failed, p99 %.0f ms",
        second.total(),
        ok,
        retries,
        refused,
        second.total() - ok - refused,
        second.percentile(0.99));
  }

  @Override
  public void close() throws InterruptedException {
    stop.countDown();
    thread.join(Duration.ofSeconds(15));
    teller.still();
  }
}
