package dev.weir.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.HandClock;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoopDelaysTest {
  private final HandClock clock = new HandClock();
  private final Stats stats = new Stats(2);
  private final List<String> told = new ArrayList<>();
  private final AtomicLong throttled = new AtomicLong(5_000_000);
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final LoopDelays delays =
      new LoopDelays(
          List.of(loop(channel.eventLoop())),
          stats,
          new FoldedLog(told::add, clock),
          Runnable::run,
          throttled::get);

  private Loop loop(EventLoop loop) {
    return new Loop(
        0, loop, clock, new SplittableRandom(1), new Incidents(told::add, () -> {}, Clock.SYSTEM));
  }

  @Test
  void aLoopThatAnswersAtOnceIsCountedAndNotTold() {
    delays.ask();
    channel.runPendingTasks();
    assertEquals(1, answers());
    assertEquals(List.of(), told);
  }

  @Test
  void aLoopThatIsLateIsToldWithTheQuotaThatKeptIt() {
    delays.ask();
    clock.advance(Duration.ofMillis(1700));
    throttled.addAndGet(650_000);
    channel.runPendingTasks();
    assertEquals(1, told.size());
    assertTrue(told.getFirst().startsWith("a loop was late by 1700 ms"), told::toString);
    assertTrue(told.getFirst().contains("kept the process from running for 650 ms"));
  }

  @Test
  void aLoopThatIsLateWithoutAQuotaIsToldToo() {
    delays.ask();
    clock.advance(Duration.ofSeconds(2));
    channel.runPendingTasks();
    assertTrue(told.getFirst().contains("something blocks the loop"), told::toString);
  }

  @Test
  void whoHasNotAnsweredIsNotAskedAgain() {
    for (int i = 0; i < 5; i++) {
      delays.ask();
      clock.advance(LoopDelays.INTERVAL);
    }
    channel.runPendingTasks();
    assertEquals(1, answers());
    assertTrue(told.getFirst().startsWith("a loop was late by 5000 ms"), told::toString);
    delays.ask();
    channel.runPendingTasks();
    assertEquals(2, answers());
  }

  private long answers() {
    return stats.read().stream()
        .filter(each -> each.name().text().equals("server.dispatcher.poll_delay_ms"))
        .mapToLong(each -> each.summary().orElseThrow().count())
        .sum();
  }
}
