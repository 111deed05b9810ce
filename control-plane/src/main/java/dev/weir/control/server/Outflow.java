package dev.weir.control.server;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what is on its way to all clients together: when thousands come at once, each is owed
 * everything, and their connections would hold all of it in memory. A response counts from when it
 * is sent until its connection can take more, or for a time: a client that does not read holds up
 * nobody for longer. Who finds no room waits in line. Control thread.
 */
final class Outflow {
  /** What a connection takes at once; less than that does not count. */
  static final int SMALL = 32 << 10;

  private final long most;
  private final Duration longest;
  private final Queue<Response> under = new ArrayDeque<>();
  private final Set<Waiting> waiting = new LinkedHashSet<>();
  private long bytes;

  /** Whose turn it is, of those who waited. */
  private @Nullable Waiting turn;

  /**
   * @param most bytes on their way at once; one response more may begin while there are fewer
   * @param longest how long a response counts that nobody takes
   */
  Outflow(long most, Duration longest) {
    this.most = most;
    this.longest = longest;
  }

  /** Who waits for room. */
  interface Waiting {
    /** There is room. */
    void room();
  }

  /** A response on its way. */
  private static final class Response {
    private final Waiting of;
    private final long bytes;
    private final Duration since;

    Response(Waiting of, long bytes, Duration since) {
      this.of = of;
      this.bytes = bytes;
      this.since = since;
    }
  }

  /** Whether there is room for a response; if not, {@code who} is told when there is. */
  boolean hasRoom(Waiting who, long size) {
    if (size <= SMALL || bytes < most && (waiting.isEmpty() || who == turn)) {
      return true;
    }
    waiting.add(who);
    return false;
  }

  /** Whether {@code who} stands in line. */
  boolean inLine(Waiting who) {
    return waiting.contains(who);
  }

  /** A response of so many bytes is on its way. */
  void sent(Waiting who, long size, Duration now) {
    if (size > SMALL) {
      bytes += size;
      turn = null; // A turn is one response.
      under.add(new Response(who, size, now));
    }
  }

  /** The connection of {@code who} took all that was sent, or is gone. */
  void taken(Waiting who) {
    release(response -> response.of == who);
  }

  /** {@code who} wants nothing any more. */
  void left(Waiting who) {
    waiting.remove(who);
    taken(who);
  }

  /** What nobody took for too long counts no more. */
  void expire(Duration now) {
    release(response -> now.minus(response.since).compareTo(longest) > 0);
  }

  private void release(Predicate<Response> which) {
    for (Iterator<Response> all = under.iterator(); all.hasNext(); ) {
      Response response = all.next();
      if (which.test(response)) {
        all.remove();
        bytes -= response.bytes;
      }
    }
    while (bytes < most && !waiting.isEmpty()) {
      Waiting first = waiting.iterator().next();
      waiting.remove(first);
      turn = first;
      try {
        first.room();
      } finally {
        turn = null;
      }
    }
  }
}
