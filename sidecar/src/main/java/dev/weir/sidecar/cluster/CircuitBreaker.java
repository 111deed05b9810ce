package dev.weir.sidecar.cluster;

import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A circuit breaker by consecutive failures: closed, open, half-open. Any thread. Closed, it costs
 * a read of two volatiles; a lock is taken in the other states only.
 *
 * <p>What an attempt reports counts only in the phase that admitted it, so that stragglers of an
 * earlier one decide nothing.
 *
 * <p>A probe that has not answered after {@code open_for} gives its place to another, so that a
 * service which only hangs is asked again at that pace; its answer still counts when it comes.
 */
public final class CircuitBreaker {
  /** What {@link #acquire} returns for a refusal. */
  public static final int REFUSED = -1;

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
  private final AtomicInteger failures = new AtomicInteger();
  private volatile CircuitBreakerConfig config;
  private volatile State state = State.CLOSED;
  private volatile int phase;
  private volatile long since;
  private volatile long lastProbe;
  private int probing;
  private int succeeded;

  CircuitBreaker(CircuitBreakerConfig config, Observer observer, long nowNanos) {
    this.config = config;
    this.observer = observer;
    this.since = nowNanos;
  }

  /** Other numbers from now on; the state stays. */
  void configure(CircuitBreakerConfig next) {
    config = next;
  }

  public CircuitBreakerConfig config() {
    return config;
  }

  public State state() {
    return state;
  }

  /**
   * A permit for one attempt, to be given to exactly one of {@link #success}, {@link #failure} and
   * {@link #ignored}; or {@link #REFUSED}.
   */
  public int acquire(long nowNanos) {
    if (state == State.CLOSED) {
      return phase;
    }
    synchronized (this) {
      if (state == State.OPEN && nowNanos - since >= config.openFor().toNanos()) {
        become(State.HALF_OPEN, nowNanos);
      }
      return switch (state) {
        case CLOSED -> phase;
        case OPEN -> REFUSED;
        case HALF_OPEN -> {
          if (probing > 0 && nowNanos - lastProbe >= config.openFor().toNanos()) {
            probing = 0;
          }
          if (probing + succeeded >= config.probes()) {
            yield REFUSED;
          }
          probing++;
          lastProbe = nowNanos;
          yield phase;
        }
      };
    }
  }

  /** {@link #acquire} would refuse now. */
  public boolean refuses(long nowNanos) {
    return state == State.OPEN && nowNanos - since < config.openFor().toNanos();
  }

  public void success(int permit, long nowNanos) {
    if (permit != phase) {
      return;
    }
    if (state == State.CLOSED) {
      if (failures.get() != 0) {
        failures.set(0);
      }
      return;
    }
    synchronized (this) {
      if (permit == phase && state == State.HALF_OPEN) {
        probing = Math.max(0, probing - 1);
        if (++succeeded >= config.probes()) {
          become(State.CLOSED, nowNanos);
        }
      }
    }
  }

  public void failure(int permit, long nowNanos) {
    if (permit != phase) {
      return;
    }
    if (state == State.CLOSED) {
      config.interval().ifPresent(interval -> forgetAfter(interval.toNanos(), nowNanos));
      if (failures.incrementAndGet() < config.consecutiveFailures()) {
        return;
      }
    }
    synchronized (this) {
      if (permit == phase && state != State.OPEN) {
        become(State.OPEN, nowNanos);
      }
    }
  }

  /** The attempt says nothing about the service: it was given up, or refused on the way. */
  public void ignored(int permit) {
    if (permit != phase || state != State.HALF_OPEN) {
      return;
    }
    synchronized (this) {
      if (permit == phase && state == State.HALF_OPEN) {
        probing = Math.max(0, probing - 1);
      }
    }
  }

  /** No longer asked: it is no longer counted as open, and attempts under way decide nothing. */
  synchronized void retire() {
    become(State.CLOSED, since);
  }

  private void forgetAfter(long intervalNanos, long nowNanos) {
    if (nowNanos - since > intervalNanos) {
      since = nowNanos;
      failures.set(0);
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
    failures.set(0);
    probing = 0;
    succeeded = 0;
    phase++;
    state = next;
    observer.changed(before, next);
  }
}
