package dev.weir.control.server;

import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what is on its way to all clients together: when thousands come at once, each is owed
 * everything, and their connections would hold all of it in memory. A response counts from when it
 * is sent until its client answers or its connection can take more, or for a time: a client that
 * does not read holds up nobody for longer. Who finds no room waits in line. Control thread.
 */
final class Outflow {
  /** What is never held up: news of an instance or two. */
  static final int SMALL = 4 << 10;

  /** What a connection keeps for a response at least. */
  private static final int LEAST = 4 << 10;

  private final long most;
  private final Duration longest;
  private final BooleanSupplier full;

  /** By what a client is sent of a type, in the order of the first response on its way. */
  private final Map<Object, Load> under = new LinkedHashMap<>();

  private final Set<Waiting> waiting = new LinkedHashSet<>();
  private long bytes;

  /** Whose turn it is, of those who waited. */
  private @Nullable Waiting turn;

  /**
   * @param most bytes on their way at once; one response more may begin while there are fewer
   * @param longest how long a response counts that nobody takes
   * @param full whether connections hold as much as they may, whatever counts
   */
  Outflow(long most, Duration longest, BooleanSupplier full) {
    this.most = most;
    this.longest = longest;
    this.full = full;
  }

  /** Who waits for room. */
  interface Waiting {
    /** There is room. */
    void room();
  }

  /** What is on its way to one client of one type, and since when the first of it. */
  private record Load(long bytes, Duration since) {}

  /** Whether there is room for a response; if not, {@code who} is told when there is. */
  boolean hasRoom(Waiting who, long size) {
    if (size <= SMALL || (waiting.isEmpty() || who == turn) && hasRoom()) {
      return true;
    }
    waiting.add(who);
    return false;
  }

  private boolean hasRoom() {
    return bytes < most && !full.getAsBoolean();
  }

  /** Whether {@code who} stands in line. */
  boolean inLine(Waiting who) {
    return waiting.contains(who);
  }

  /**
   * A response of so many bytes is on its way.
   *
   * @param flow what it is known by until it is taken; by identity
   */
  void sent(Object flow, long size, Duration now) {
    if (size > SMALL) {
      turn = null; // A turn is one response.
    }
    long kept = size + LEAST;
    bytes += kept;
    under.merge(
        flow, new Load(kept, now), (old, more) -> new Load(old.bytes + more.bytes, old.since));
  }

  /** What was sent of this is with its client. */
  void taken(Object flow) {
    if (drop(flow)) {
      letIn();
    }
  }

  private boolean drop(Object flow) {
    Load load = under.remove(flow);
    bytes -= load == null ? 0 : load.bytes;
    return load != null;
  }

  /** {@code who} wants nothing any more, and nothing is on its way to it. */
  void left(Waiting who, Collection<Object> flows) {
    waiting.remove(who);
    flows.forEach(this::drop);
    letIn();
  }

  /** What nobody took for too long counts no more. */
  void expire(Duration now) {
    Iterator<Load> oldest = under.values().iterator();
    while (oldest.hasNext()) {
      Load load = oldest.next();
      if (now.minus(load.since).compareTo(longest) <= 0) {
        break;
      }
      oldest.remove();
      bytes -= load.bytes;
    }
    letIn();
  }

  private void letIn() {
    while (!waiting.isEmpty() && hasRoom()) {
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
