package dev.weir.sidecar.filter.http.bulkhead;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.testkit.TestLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BulkheadTest {
  private final Loops loops = TestLoops.of(2);
  private final BlockingQueue<String> admitted = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() {
    loops.close();
  }

  private static BulkheadConfig config(int most, int length, boolean newestFirst) {
    return new BulkheadConfig(
        "shop/app:80",
        "shop/app",
        most,
        length == 0
            ? Optional.empty()
            : Optional.of(new BulkheadConfig.Queue(length, Duration.ofSeconds(1), newestFirst)),
        List.of(),
        false);
  }

  private Bulkhead.@Nullable Waiter await(Bulkhead bulkhead, String name) {
    return bulkhead.await(loops.all().get(0), () -> admitted.add(name));
  }

  private String next() throws InterruptedException {
    String name = admitted.poll(5, TimeUnit.SECONDS);
    assertNotNull(name, "nobody was admitted");
    return name;
  }

  @Test
  void whoHasWaitedLongestIsNextUnlessTheNewestIs() throws Exception {
    for (boolean newestFirst : new boolean[] {false, true}) {
      Bulkhead bulkhead = new Bulkhead(config(1, 2, newestFirst));
      assertTrue(bulkhead.tryAcquire());
      assertNotNull(await(bulkhead, "old"));
      assertNotNull(await(bulkhead, "new"));
      assertNull(await(bulkhead, "one too many"));
      bulkhead.release();
      assertEquals(newestFirst ? "new" : "old", next());
      bulkhead.release();
      assertEquals(newestFirst ? "old" : "new", next());
      assertEquals(1, bulkhead.taken());
    }
  }

  @Test
  void nobodyOvertakesThoseWhoWait() {
    Bulkhead bulkhead = new Bulkhead(config(1, 2, false));
    assertTrue(bulkhead.tryAcquire());
    await(bulkhead, "first");
    assertFalse(bulkhead.tryAcquire());
  }

  @Test
  void whoHasLeftIsNotAdmitted() throws Exception {
    Bulkhead bulkhead = new Bulkhead(config(1, 2, false));
    assertTrue(bulkhead.tryAcquire());
    Bulkhead.Waiter gone = requireNonNull(await(bulkhead, "gone"));
    await(bulkhead, "stays");
    assertTrue(bulkhead.leave(gone));
    assertEquals(1, bulkhead.waiting());
    bulkhead.release();
    assertEquals("stays", next());
    assertFalse(bulkhead.leave(gone));
  }

  @Test
  void aHigherBoundAdmitsThoseWhoWaitAndALowerOneEvictsNobody() throws Exception {
    Bulkhead bulkhead = new Bulkhead(config(1, 2, false));
    assertTrue(bulkhead.tryAcquire());
    await(bulkhead, "waits");
    bulkhead.configure(config(2, 2, false));
    assertEquals("waits", next());
    bulkhead.configure(config(1, 2, false));
    assertEquals(2, bulkhead.taken());
    bulkhead.release();
    assertFalse(bulkhead.tryAcquire());
    bulkhead.release();
    assertTrue(bulkhead.tryAcquire());
  }

  /** Each either has a slot, or waits and gets one: nobody is forgotten, never too many. */
  @Test
  void twoLoopsShareTheSlots() throws Exception {
    int rounds = 20_000;
    Bulkhead bulkhead = new Bulkhead(config(3, 100_000, false));
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch served = new CountDownLatch(2 * rounds);
    List<Thread> callers = new ArrayList<>();
    for (Loop loop : loops.all()) {
      Runnable work =
          () -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            loop.eventLoop()
                .execute(() -> {
                  inside.decrementAndGet();
                  bulkhead.release();
                  served.countDown();
                });
          };
      callers.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < rounds; i++) {
                  if (bulkhead.tryAcquire()) {
                    work.run();
                  } else {
                    assertNotNull(bulkhead.await(loop, work));
                  }
                }
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertTrue(served.await(20, TimeUnit.SECONDS), () -> "not served: " + served.getCount());
    assertTrue(most.get() <= 3, () -> "at a time: " + most.get());
    assertEquals(0, bulkhead.taken());
    assertEquals(0, bulkhead.waiting());
  }
}
