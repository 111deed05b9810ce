package dev.weir.control;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The time after a start in which those who were there before come back: until it is over, who is
 * not back yet is not gone. Control thread.
 */
final class WarmUp {
  /** Without a client that comes for this part of it, those who were there are back. */
  private static final int QUIET_PART = 3;

  private static final Duration LONGEST = Duration.ofMinutes(2);

  /** More than there are streams: a client that has another name each time counts no more. */
  private static final int MOST = 20_000;

  private final Duration length;
  private final Supplier<Duration> uptime;
  private final BiConsumer<Duration, Runnable> after;
  private final Runnable end;

  /** Who came again and again is one. */
  private final Set<String> came = new HashSet<>();

  private Duration lastCame = Duration.ZERO;
  private boolean over;

  /**
   * @param length how long it is at least, where anybody has to come back
   * @param uptime since the start
   * @param after runs a task on the control thread after a time
   * @param end is done once, when it is over
   */
  WarmUp(
      Duration length,
      Supplier<Duration> uptime,
      BiConsumer<Duration, Runnable> after,
      Runnable end) {
    this.length = length;
    this.uptime = uptime;
    this.after = after;
    this.end = end;
  }

  void begin() {
    after.accept(length, this::look);
  }

  /** There is nothing that those who come back would have to say. */
  void skip() {
    over = true;
  }

  /** Somebody came. */
  void came(String client) {
    if (!over && came.size() < MOST && came.add(client)) {
      lastCame = uptime.get();
    }
  }

  boolean isOver() {
    return over;
  }

  /** Not while clients are still coming back, however long that takes on a busy machine. */
  private void look() {
    Duration now = uptime.get();
    Duration quiet = length.dividedBy(QUIET_PART);
    if (now.minus(lastCame).compareTo(quiet) < 0 && now.compareTo(LONGEST) < 0) {
      after.accept(quiet, this::look);
      return;
    }
    over = true;
    came.clear();
    end.run();
  }
}
