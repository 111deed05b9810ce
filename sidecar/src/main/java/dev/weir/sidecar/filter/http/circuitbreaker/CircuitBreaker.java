package dev.weir.sidecar.filter.http.circuitbreaker;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * A circuit breaker: closed, open, half-open. Any thread. What opens it is counted by a {@link
 * TripCount}; its own lock is taken in the other states only.
 *
 * <p>What an attempt reports counts only in the phase that admitted it, so that stragglers of an
 * earlier one decide nothing.
 *
 * <p>A probe that has not answered after {@code open_for} gives its place to another, so that a
 * service which only hangs is asked again at that pace; its answer still counts when it comes.
 */
final class CircuitBreaker {
  /** What {@link #acquire} returns for a refusal. */
  public static final long REFUSED = -1;

  public enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  /** Told of changes, from any thread. */
  interface Observer {
    void changed(State from, State to);
  }

  private final Observer observer;
  private volatile CircuitBreakerConfig config;
  private volatile TripCount count;
  private volatile State state = State.CLOSED;
  private volatile int phase;
  private volatile long since;
  private volatile long lastProbe;

  /** Places taken in this half-open phase, by probes under way and by those that succeeded. */
  private volatile int taken;

  /** Rises when probes that hang lose their places. */
  private int round;

  private int succeeded;

  /** How often it has opened when it was closed. */
  private volatile int opened;

  /** What opened it, for a page; empty if nothing has. */
  private volatile String trippedBy = "";

  CircuitBreaker(CircuitBreakerConfig config, Observer observer, long nowNanos) {
    this.config = config;
    this.count = TripCount.of(config.trip());
    this.observer = observer;
    this.since = nowNanos;
  }

  /**
   * Other numbers from now on; the state stays. What was counted stays too, unless something else
   * is counted from now on.
   */
  synchronized void configure(CircuitBreakerConfig next) {
    if (!next.trip().equals(config.trip())) {
      count = count.with(next.trip());
    }
    config = next;
  }

  public CircuitBreakerConfig config() {
    return config;
  }

  public State state() {
    return state;
  }

  /** How often it has opened when it was closed. */
  int opened() {
    return opened;
  }

  /** {@code open for 3000 ms, after 4 failures in a row}; while closed, what was counted. */
  String describe(long nowNanos) {
    State now = state;
    String name = now.toString().toLowerCase(Locale.ROOT);
    return now == State.CLOSED
        ? name + ", " + count.describe(nowNanos)
        : "%s for %d ms, after %s".formatted(name, (nowNanos - since) / 1_000_000, trippedBy);
  }

  /** {@link #describe}, but for the many that meet it closed, whose numbers nobody may ask for. */
  String told(long nowNanos) {
    return state == State.CLOSED ? "closed" : describe(nowNanos);
  }

  /**
   * A permit for one attempt, to be given to exactly one of {@link #success}, {@link #failure},
   * {@link #givenUp} and {@link #ignored}; or {@link #REFUSED}.
   */
  public long acquire(long nowNanos) {
    if (state == State.CLOSED) {
      clearAfterInterval(nowNanos);
      return (long) phase << Integer.SIZE;
    }
    synchronized (this) {
      if (state == State.OPEN && nowNanos - since >= config.openFor().toNanos()) {
        become(State.HALF_OPEN, nowNanos);
      }
      return switch (state) {
        case CLOSED -> permit();
        case OPEN -> REFUSED;
        case HALF_OPEN -> {
          if (taken > succeeded && nowNanos - lastProbe >= config.openFor().toNanos()) {
            taken = succeeded;
            round++;
          }
          if (taken >= config.probes()) {
            yield REFUSED;
          }
          taken++;
          lastProbe = nowNanos;
          yield permit();
        }
      };
    }
  }

  /** {@link #acquire} would refuse now. */
  public boolean refuses(long nowNanos) {
    CircuitBreakerConfig now = config;
    long openFor = now.openFor().toNanos();
    return switch (state) {
      case CLOSED -> false;
      case OPEN -> nowNanos - since < openFor;
      case HALF_OPEN -> taken >= now.probes() && nowNanos - lastProbe < openFor;
    };
  }

  /** Phase and round: a result counts in its phase, a place is given back in its round. */
  private long permit() {
    return (long) phase << Integer.SIZE | round;
  }

  private boolean ofThisPhase(long permit) {
    return permit >>> Integer.SIZE == phase;
  }

  /**
   * @param tookNanos from the attempt's start to its answer
   */
  public void success(long permit, long tookNanos, long nowNanos) {
    ended(permit, false, tookNanos, nowNanos);
  }

  /**
   * @param tookNanos from the attempt's start to its failure
   */
  public void failure(long permit, long tookNanos, long nowNanos) {
    ended(permit, true, tookNanos, nowNanos);
  }

  /**
   * Its caller gave the attempt up without an answer: that says something only if it was slow by
   * then.
   *
   * @param tookNanos from the attempt's start
   */
  public void givenUp(long permit, long tookNanos, long nowNanos) {
    if (count.slow(tookNanos)) {
      ended(permit, false, tookNanos, nowNanos);
    } else {
      ignored(permit);
    }
  }

  private void ended(long permit, boolean failed, long tookNanos, long nowNanos) {
    clearAfterInterval(nowNanos);
    if (!ofThisPhase(permit)) {
      return;
    }
    TripCount counting = count;
    if (state == State.CLOSED) {
      String tooMany = counting.add(failed, tookNanos, nowNanos);
      if (tooMany != null) {
        openFrom(permit, tooMany, nowNanos);
      }
      return;
    }
    String bad =
        failed ? "a probe that failed" : counting.slow(tookNanos) ? "a probe that was slow" : null;
    if (bad == null) {
      probeSucceeded(permit, nowNanos);
    } else {
      openFrom(permit, bad, nowNanos);
    }
  }

  private synchronized void openFrom(long permit, String reason, long nowNanos) {
    if (ofThisPhase(permit) && state != State.OPEN) {
      trippedBy = reason;
      become(State.OPEN, nowNanos);
    }
  }

  private synchronized void probeSucceeded(long permit, long nowNanos) {
    if (ofThisPhase(permit) && state == State.HALF_OPEN) {
      if ((int) permit != round) {
        taken++; // its place was given away, and it has earned one
      }
      if (++succeeded >= config.probes()) {
        become(State.CLOSED, nowNanos);
      }
    }
  }

  /** The attempt says nothing about the service: it was given up, or refused on the way. */
  public void ignored(long permit) {
    if (!ofThisPhase(permit) || state != State.HALF_OPEN) {
      return;
    }
    synchronized (this) {
      if (permit == permit() && state == State.HALF_OPEN) {
        taken--;
      }
    }
  }

  /** No longer asked: it is no longer counted as open, and attempts under way decide nothing. */
  synchronized void retire() {
    become(State.CLOSED, since);
  }

  /**
   * Closed, counts are cleared once an interval, at the first thing that happens after it, and what
   * was begun before no longer counts: a phase of its own, as gobreaker's generation.
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock alone
  private void clearAfterInterval(long nowNanos) {
    Optional<Duration> interval = config.interval();
    if (interval.isEmpty()
        || state != State.CLOSED
        || nowNanos - since <= interval.get().toNanos()) {
      return;
    }
    synchronized (this) {
      if (state == State.CLOSED && nowNanos - since > interval.get().toNanos()) {
        since = nowNanos;
        count.clear();
        phase++;
      }
    }
  }

  /** How long until it admits again, if nothing happens before; 0 if it may now. */
  public long nanosUntilProbe(long nowNanos) {
    long openFor = config.openFor().toNanos();
    return switch (state) {
      case CLOSED -> 0;
      case OPEN -> Math.max(0, openFor - (nowNanos - since));
      case HALF_OPEN -> Math.max(0, openFor - (nowNanos - lastProbe));
    };
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock alone
  private void become(State next, long nowNanos) {
    State before = state;
    since = nowNanos;
    count.clear();
    taken = 0;
    round = 0;
    succeeded = 0;
    phase++;
    if (next == State.OPEN && before == State.CLOSED) {
      opened++;
    }
    state = next;
    observer.changed(before, next);
  }
}
