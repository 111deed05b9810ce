package dev.weir.control.server;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
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

  /** A ring of those with something on its way, in the order of the first response; and this. */
  private final Flow ring = new Flow();

  private final Set<Waiting> waiting = new LinkedHashSet<>();
  private long bytes;

  /** Whether somebody may be in line; while nobody is, what is noted as taken may still count. */
  private volatile boolean line;

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

  /**
   * What is on its way to one client of one type, and since when the first of it; and whether its
   * client took it, which any thread may note.
   */
  static final class Flow {
    private static final AtomicReferenceFieldUpdater<Flow, @Nullable String> ANSWER =
        AtomicReferenceFieldUpdater.newUpdater(Flow.class, String.class, "answer");

    /** No nonce is this. */
    private static final String TAKEN = "";

    /** The nonce whose answer is to be noted, or that it was; null: none is. */
    private volatile @Nullable String answer;

    private long bytes;
    private long sinceNanos;
    private Flow before = this;
    private Flow after = this;

    /** From now on an answer to this nonce is to be noted. */
    void note(String nonce) {
      ANSWER.lazySet(this, nonce);
    }

    private boolean isTaken() {
      return TAKEN.equals(answer);
    }

    /** Whether one was; from now on none is to be. */
    boolean noted() {
      String known = answer;
      if (known == null || !TAKEN.equals(known) && ANSWER.compareAndSet(this, known, null)) {
        return false;
      }
      ANSWER.lazySet(this, null); // Nobody else changes it now, and a fence would wait for memory.
      return true;
    }

    /**
     * Notes an answer, if it is to be noted. Any thread, one at a time.
     *
     * @return when what it takes was sent, since the start; empty: it is not noted
     */
    Optional<Duration> take(String nonce) {
      String awaited = answer;
      long sentNanos = sinceNanos;
      return nonce.equals(awaited) && ANSWER.compareAndSet(this, awaited, TAKEN)
          ? Optional.of(Duration.ofNanos(sentNanos))
          : Optional.empty();
    }

    private void enterBefore(Flow next) {
      before = next.before;
      after = next;
      before.after = this;
      after.before = this;
    }

    private void leave() {
      before.after = after;
      after.before = before;
      before = this;
      after = this;
    }
  }

  /** Whether there is room for a response; if not, {@code who} is told when there is. */
  boolean hasRoom(Waiting who, long size) {
    if (size <= SMALL || (waiting.isEmpty() || who == turn) && findRoom()) {
      return true;
    }
    waiting.add(who);
    return false;
  }

  private boolean findRoom() {
    if (!hasRoom() && !line) {
      line = true; // Who notes an answer from now on says so.
      dropNoted();
    }
    return hasRoom();
  }

  private void dropNoted() {
    Flow flow = ring.after;
    while (flow != ring) {
      Flow next = flow.after;
      if (Flow.TAKEN.equals(flow.answer)) {
        drop(flow);
      }
      flow = next;
    }
  }

  /** Whether somebody may wait for what is noted: {@link #taken} is to be told. Any thread. */
  boolean hasLine() {
    return line;
  }

  private boolean hasRoom() {
    return bytes < most && !full.getAsBoolean();
  }

  /** Whether {@code who} stands in line. */
  boolean inLine(Waiting who) {
    return waiting.contains(who);
  }

  /** A response of so many bytes is on its way. */
  void sent(Flow flow, long size, Duration now) {
    if (size > SMALL) {
      turn = null; // A turn is one response.
    }
    flow.noted(); // of a response before
    long kept = size + LEAST;
    bytes += kept;
    if (flow.bytes == 0) {
      flow.sinceNanos = now.toNanos();
      flow.enterBefore(ring);
    }
    flow.bytes += kept;
  }

  /** What was sent of this is with its client. */
  void taken(Flow flow) {
    if (drop(flow)) {
      letIn();
    }
  }

  /** The same, if what was noted was not counted yet: else something else may be on its way. */
  void noted(Flow flow) {
    if (flow.isTaken()) {
      taken(flow);
    }
  }

  private boolean drop(Flow flow) {
    if (flow.bytes == 0) {
      return false;
    }
    bytes -= flow.bytes;
    flow.bytes = 0;
    flow.leave();
    return true;
  }

  /** {@code who} wants nothing any more, and nothing is on its way to it. */
  void left(Waiting who, Collection<Flow> flows) {
    waiting.remove(who);
    flows.forEach(this::drop);
    letIn();
  }

  /** What nobody took for too long counts no more. */
  void expire(Duration now) {
    while (ring.after != ring && now.toNanos() - ring.after.sinceNanos > longest.toNanos()) {
      drop(ring.after);
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
    if (line && waiting.isEmpty()) {
      line = false;
    }
  }
}
