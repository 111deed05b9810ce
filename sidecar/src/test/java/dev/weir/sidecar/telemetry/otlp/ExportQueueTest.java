package dev.weir.sidecar.telemetry.otlp;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.stats.Stats;
import dev.weir.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What waits for a collector is bounded, and what became of it is counted. */
@Tag("slow")
class ExportQueueTest {
  private static final String SENT = "tracing.opentelemetry.spans_sent";
  private static final String DROPPED = "tracing.opentelemetry.spans_dropped";

  private final Stats stats = new Stats(2);

  private final ExportCounts counts =
      new ExportCounts(stats, "tracing.opentelemetry", "spans_sent", "spans_dropped");

  private ExportQueue<String> queue(Collector collector) {
    return new ExportQueue<>(counts, String::length, () -> collector);
  }

  private long stat(String name) {
    return stats.read().stream()
        .filter(reading -> reading.name().text().equals(name))
        .mapToLong(Stats.Reading::value)
        .sum();
  }

  /** Takes batches when it may. */
  private static class Collector implements ExportQueue.Sender<String> {
    final CountDownLatch open = new CountDownLatch(1);
    final List<Integer> batches = new CopyOnWriteArrayList<>();
    final boolean takes;
    volatile boolean ended;

    Collector(boolean takes) {
      this.takes = takes;
    }

    @Override
    public boolean send(List<String> batch) {
      batches.add(batch.size());
      try {
        open.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return takes;
    }

    @Override
    public void hurry(Duration limit) {
      open.countDown();
    }

    @Override
    public void end() {
      ended = true;
    }
  }

  @Test
  void whatIsOverTheBoundIsDroppedAndTheRestSentInBatches() throws InterruptedException {
    Collector collector = new Collector(true);
    ExportQueue<String> queue = queue(collector);
    for (int i = 0; i < ExportQueue.MOST_WAITING + 10; i++) {
      queue.offer("1", 0);
    }
    assertEquals(10, stat(DROPPED));

    collector.open.countDown();
    Await.until(() -> stat(SENT) == ExportQueue.MOST_WAITING);
    assertTrue(collector.batches.stream().allMatch(size -> size <= 512));
    queue.close(Duration.ofSeconds(1));
    queue.join();
    assertTrue(collector.ended);
    assertEquals(10, stat(DROPPED));
  }

  @Test
  void whatIsNotTakenIsDroppedAndTheQueueGoesOn() {
    Collector collector = new Collector(false);
    collector.open.countDown();
    ExportQueue<String> queue = queue(collector);
    queue.offer("1", 0);
    Await.until(() -> stat(DROPPED) == 1);
    queue.offer("1", 0);
    Await.until(() -> stat(DROPPED) == 2);
    assertEquals(2, stat("tracing.opentelemetry.exports_failed"));
    queue.close(Duration.ofSeconds(1));
  }

  @Test
  void aMistakeCostsItsBatchAndTheQueueGoesOn() throws InterruptedException {
    Collector collector = new Collector(true);
    collector.open.countDown();
    AtomicInteger asked = new AtomicInteger();
    ExportQueue<String> queue =
        new ExportQueue<>(
            counts,
            String::length,
            () -> {
              if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("a mistake, as this test has it");
              }
              return collector;
            });
    queue.offer("1", 0);
    Await.until(() -> stat(DROPPED) == 1);
    queue.offer("1".repeat(ExportQueue.MOST_WAITING), 0);
    Await.until(() -> stat(SENT) == ExportQueue.MOST_WAITING);
    queue.close(Duration.ofSeconds(1));
    queue.join();
  }

  @Test
  void endWaitsForWhatNobodyNamesAnyMore() {
    Collector collector = new Collector(true);
    ExportQueues<String, String> queues = new ExportQueues<>(place -> queue(collector));
    queues.take("a").offer("1", 0);
    queues.release("a");
    queues.close();
    assertEquals(1, stat(SENT));
    assertTrue(collector.ended);
  }

  @Test
  void whoAreSlowEndSideBySide() {
    CountDownLatch secondHasEnded = new CountDownLatch(1);
    Collector first =
        new Collector(true) {
          @Override
          public void end() {
            // The first ends after the second, which who waits for the first has ended before.
            assertDoesNotThrow(() -> secondHasEnded.await());
            super.end();
          }
        };
    Collector second =
        new Collector(true) {
          @Override
          public void end() {
            super.end();
            secondHasEnded.countDown();
          }
        };
    List<ExportQueues<String, String>> all =
        List.of(
            new ExportQueues<>(place -> queue(first)), new ExportQueues<>(place -> queue(second)));
    all.forEach(queues -> queues.take("a").offer("1", 0));
    all.forEach(ExportQueues::end);
    all.forEach(ExportQueues::close);
    assertTrue(first.ended && second.ended);
    assertEquals(2, stat(SENT));
  }

  @Test
  void endComesInTimeAndCountsWhatIsLeft() throws InterruptedException {
    Collector collector = new Collector(true);
    ExportQueue<String> queue = queue(collector);
    for (int i = 0; i < 2000; i++) {
      queue.offer("1", 0);
    }
    queue.close(Duration.ZERO);
    queue.join();

    queue.offer("1", 0);
    assertEquals(2001, stat(SENT) + stat(DROPPED));
    assertTrue(stat(SENT) <= 512, "what was under way");
  }

  @Test
  void roomIsOfWhatIsMadeOfThem() {
    Collector collector = new Collector(true);
    ExportQueue<String> queue = queue(collector);
    queue.offer("1".repeat(ExportQueue.MOST_WAITING - 1), 0);
    assertTrue(queue.refuses(2, 0));
    queue.offer("12", 0);
    assertEquals(4, stat(DROPPED));

    collector.open.countDown();
    Await.until(() -> stat(SENT) == ExportQueue.MOST_WAITING - 1);
    queue.close(Duration.ofSeconds(1));
  }

  @Test
  void queueIsOnePlaceAndEndsWithTheLastThatNamesIt() {
    ExportQueues<String, String> queues =
        new ExportQueues<>(place ->
            new ExportQueue<>(
                counts,
                String::length,
                () -> {
                  throw new AssertionError("nothing is sent");
                }));
    ExportQueue<String> first = queues.take("a");
    assertSame(first, queues.take("a"));
    ExportQueue<String> other = queues.take("b");
    assertNotSame(first, other);

    queues.release("a");
    assertSame(first, queues.take("a"));
    queues.release("a");
    queues.release("a");
    ExportQueue<String> anew = queues.take("a");
    assertNotSame(first, anew);
    queues.close();
  }
}
