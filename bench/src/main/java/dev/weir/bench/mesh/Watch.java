package dev.weir.bench.mesh;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Waits until each of many clients has another version of one resource. Any thread. */
final class Watch {
  private final String typeUrl;
  private final String name;
  private final String before;
  private final long start = System.nanoTime();
  private final long[] times;
  private final AtomicInteger seen = new AtomicInteger();
  private final CountDownLatch left;

  Watch(String typeUrl, String name, String before, int clients) {
    this.typeUrl = typeUrl;
    this.name = name;
    this.before = before;
    this.times = new long[clients];
    this.left = new CountDownLatch(clients);
  }

  /** A client has this; called once by each. */
  boolean fits(String type, String resource, String version) {
    return name.equals(resource) && typeUrl.equals(type) && !before.equals(version);
  }

  void seen() {
    int index = seen.getAndIncrement();
    if (index < times.length) {
      times[index] = System.nanoTime() - start;
      left.countDown();
    }
  }

  /** Milliseconds for each client, in order. */
  long[] await() throws InterruptedException {
    if (!left.await(2, TimeUnit.MINUTES)) {
      throw new IllegalStateException(
          "%d of %d clients did not get %s".formatted(left.getCount(), times.length, name));
    }
    long[] millis = Arrays.stream(times).map(TimeUnit.NANOSECONDS::toMillis).toArray();
    Arrays.sort(millis);
    return millis;
  }
}
