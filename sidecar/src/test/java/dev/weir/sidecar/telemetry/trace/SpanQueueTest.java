package dev.weir.sidecar.telemetry.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.StreamSpan;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.stats.Stats;
import dev.weir.testkit.Await;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What waits for a collector is bounded, and what became of it is counted. */
@Tag("slow")
class SpanQueueTest {
  private static final String SENT = "tracing.opentelemetry.spans_sent";
  private static final String DROPPED = "tracing.opentelemetry.spans_dropped";

  private final Stats stats = new Stats(2);

  private static EndedStream stream() {
    return new EndedStream(
        new StreamSpan("1".repeat(32), "2".repeat(16), null, false, "", false),
        TrafficDirection.INBOUND,
        0,
        0,
        1,
        new EndedStream.Request(
            "GET",
            "/",
            "http",
            "cart",
            "",
            false,
            "HTTP/1.1",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)),
        new EndedStream.Outcome(200, null, 0, "", null, null, "", "", "", 0, 0),
        0,
        null,
        List.of());
  }

  private long stat(String name) {
    return stats.read().stream()
        .filter(reading -> reading.name().text().equals(name))
        .mapToLong(Stats.Reading::value)
        .sum();
  }

  /** Takes batches when it may. */
  private static final class Collector implements SpanQueue.Sender {
    final CountDownLatch open = new CountDownLatch(1);
    final List<Integer> batches = new CopyOnWriteArrayList<>();
    final boolean takes;
    volatile boolean ended;

    Collector(boolean takes) {
      this.takes = takes;
    }

    @Override
    public boolean send(List<EndedStream> streams) {
      batches.add(streams.size());
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
    SpanQueue queue = new SpanQueue(new TraceStats(stats), () -> collector);
    for (int i = 0; i < SpanQueue.MOST_WAITING + 10; i++) {
      queue.offer(stream(), 0);
    }
    assertEquals(10, stat(DROPPED));

    collector.open.countDown();
    Await.until(() -> stat(SENT) == SpanQueue.MOST_WAITING);
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
    SpanQueue queue = new SpanQueue(new TraceStats(stats), () -> collector);
    queue.offer(stream(), 0);
    Await.until(() -> stat(DROPPED) == 1);
    queue.offer(stream(), 0);
    Await.until(() -> stat(DROPPED) == 2);
    assertEquals(2, stat("tracing.opentelemetry.exports_failed"));
    queue.close(Duration.ofSeconds(1));
  }

  @Test
  void endComesInTimeAndCountsWhatIsLeft() throws InterruptedException {
    Collector collector = new Collector(true);
    SpanQueue queue = new SpanQueue(new TraceStats(stats), () -> collector);
    for (int i = 0; i < 2000; i++) {
      queue.offer(stream(), 0);
    }
    queue.close(Duration.ZERO);
    queue.join();

    queue.offer(stream(), 0);
    assertEquals(2001, stat(SENT) + stat(DROPPED));
    assertTrue(stat(SENT) <= 512, "what was under way");
  }

  @Test
  void queueIsOnePlaceOfSpansAndEndsWithTheLastThatNamesIt() {
    TraceExporters exporters =
        new TraceExporters(
            stats,
            () -> {
              throw new AssertionError("nothing is sent");
            },
            new Node("", "", Map.of(), List.of()),
            new FoldedLog(Runnable::run, line -> {}, Clock.SYSTEM));
    SpanQueue first = exporters.take(exporter("a"));
    assertSame(first, exporters.take(exporter("a")));
    SpanQueue other = exporters.take(exporter("b"));
    assertNotSame(first, other);

    exporters.release(exporter("a"));
    assertSame(first, exporters.take(exporter("a")));
    exporters.release(exporter("a"));
    exporters.release(exporter("a"));
    SpanQueue anew = exporters.take(exporter("a"));
    assertNotSame(first, anew);
    exporters.close();
  }

  private static Tracing.Exporter exporter(String cluster) {
    return new Tracing.Exporter(
        new Tracing.Service.Grpc(cluster, cluster, Duration.ofSeconds(1), Map.of()),
        "cart",
        Map.of());
  }
}
