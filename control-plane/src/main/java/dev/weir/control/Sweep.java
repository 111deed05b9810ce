package dev.weir.control;

import dev.weir.control.compile.Proxy;
import dev.weir.control.server.OpenStreams;
import dev.weir.control.snapshot.Snapshots;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Ends, every few seconds, the streams of those who do not go on: who does not read holds what was
 * sent to it, and is not told of what changes. Control thread.
 */
final class Sweep {
  /** For a client that has something to read or to answer. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(2);

  /** While connections hold as much as they may, and the others wait. */
  private static final Duration LONGEST_SILENCE_WHEN_FULL = Duration.ofSeconds(15);

  private static final Duration BETWEEN = Duration.ofSeconds(2);

  private final OpenStreams streams;
  private final Snapshots snapshots;
  private final Clock clock;
  private final Supplier<Duration> uptime;
  private final BiConsumer<Duration, Runnable> after;
  private final Consumer<String> told;

  /**
   * @param uptime since the start
   * @param after runs a task on the control thread after a time
   * @param told is told whose streams are ended, a line each time
   */
  Sweep(
      OpenStreams streams,
      Snapshots snapshots,
      Clock clock,
      Supplier<Duration> uptime,
      BiConsumer<Duration, Runnable> after,
      Consumer<String> told) {
    this.streams = streams;
    this.snapshots = snapshots;
    this.clock = clock;
    this.uptime = uptime;
    this.after = after;
    this.told = told;
  }

  void begin() {
    after.accept(BETWEEN, this::run);
  }

  private void run() {
    begin();
    streams.sweep();
    snapshots.forget(uptime.get());
    Duration longest = streams.full() ? LONGEST_SILENCE_WHEN_FULL : LONGEST_SILENCE;
    List<Proxy> ended = streams.endings().endStuck(uptime.get().minus(longest));
    if (!ended.isEmpty()) {
      told.accept(
          "%s: neither read nor answered what it was sent for %d s; its stream is ended"
              .formatted(
                  Refusals.first(
                      ended.stream()
                          .map(proxy -> proxy.id() + " (" + proxy.service() + ")")
                          .collect(Collectors.toCollection(TreeSet::new))),
                  longest.toSeconds()));
    }
    List<String> unproven = streams.endings().endUnproven(clock.instant());
    if (!unproven.isEmpty()) {
      told.accept(
          "%s: what proved who it is has ended; so is its stream, and it may come back with what"
                  .formatted(Refusals.first(new TreeSet<>(unproven)))
              + " is newer");
    }
  }
}
