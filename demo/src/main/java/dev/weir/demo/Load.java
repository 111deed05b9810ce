package dev.weir.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Shoppers who call the front steadily, each with a name of his own, until it is closed. */
final class Load implements AutoCloseable {
  private static final List<String> SHOPPERS = List.of("ada", "ben", "cleo", "dan", "eve");
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Caller caller;
  private final String uri;
  private final Tally all = new Tally();
  private final List<Tally> watching = new CopyOnWriteArrayList<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();

  Load(Caller caller, String uri) {
    this.caller = caller;
    this.uri = uri;
    SHOPPERS.forEach(
        shopper -> threads.add(Thread.ofVirtual().name(shopper).start(() -> shop(shopper))));
  }

  private void shop(String shopper) {
    try {
      do {
        Answer answer = caller.get(uri, Map.of("x-client", shopper));
        all.add(answer);
        watching.forEach(tally -> tally.add(answer));
      } while (!stop.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Counts what comes from now on, until {@link #forget}. */
  Tally watch() {
    Tally tally = new Tally();
    watching.add(tally);
    return tally;
  }

  void forget(Tally tally) {
    watching.remove(tally);
  }

  Tally all() {
    return all;
  }

  @Override
  public void close() throws InterruptedException {
    stop.countDown();
    for (Thread thread : threads) {
      thread.join(Duration.ofSeconds(15));
    }
  }
}
