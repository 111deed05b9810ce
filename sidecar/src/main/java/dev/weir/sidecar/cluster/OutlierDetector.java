package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.runtime.Loops;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ejects hosts that fail several times in a row, for a time that grows with each ejection.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/intro/arch_overview/upstream/outlier
 *
 * <p>Counting is for any loop. Ejecting takes a lock, and is rare.
 */
final class OutlierDetector {
  private final Cluster.OutlierDetection config;
  private final LiveCluster cluster;
  private final Loops loops;

  OutlierDetector(Cluster.OutlierDetection config, LiveCluster cluster, Loops loops) {
    this.loops = loops;
    this.config = config;
    this.cluster = cluster;
  }

  Cluster.OutlierDetection config() {
    return config;
  }

  /** An attempt on {@code host} was answered. */
  void response(Host host, int status) {
    OutlierState state = host.outlier;
    if (state.consecutiveLocal.get() != 0) {
      state.consecutiveLocal.set(0);
    }
    if (status < 500) {
      if (state.consecutive5xx.get() != 0) {
        state.consecutive5xx.set(0);
      }
      if (state.consecutiveGateway.get() != 0) {
        state.consecutiveGateway.set(0);
      }
      return;
    }
    count(host, state.consecutive5xx, config.consecutive5xx(), config.enforcingConsecutive5xx());
    if (status >= 502 && status <= 504) {
      count(
          host,
          state.consecutiveGateway,
          config.consecutiveGatewayFailure(),
          config.enforcingConsecutiveGatewayFailure());
    } else if (state.consecutiveGateway.get() != 0) {
      state.consecutiveGateway.set(0);
    }
  }

  /** An attempt on {@code host} had no answer: not connected, timed out, cut off. */
  void localFailure(Host host) {
    if (config.splitExternalLocalOrigin()) {
      count(
          host,
          host.outlier.consecutiveLocal,
          config.consecutiveLocalOriginFailure(),
          config.enforcingConsecutiveLocalOriginFailure());
    } else {
      // Envoy counts it as a 503 or 504.
      count(
          host,
          host.outlier.consecutive5xx,
          config.consecutive5xx(),
          config.enforcingConsecutive5xx());
      count(
          host,
          host.outlier.consecutiveGateway,
          config.consecutiveGatewayFailure(),
          config.enforcingConsecutiveGatewayFailure());
    }
  }

  private void count(Host host, AtomicInteger counter, int threshold, int enforcing) {
    if (threshold > 0 && counter.incrementAndGet() == threshold) {
      counter.set(0);
      if (enforcing >= 100 || loops.nextInt(100) < enforcing) {
        eject(host);
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock alone
  private void eject(Host host) {
    synchronized (this) {
      OutlierState state = host.outlier;
      if (state.ejected() || host.removed()) {
        return;
      }
      List<Host> all = cluster.hosts().all();
      long out = all.stream().filter(Host::ejected).count();
      // Envoy: never more than the percentage, but one host always may go if so configured.
      boolean fits = (out + 1) * 100 <= (long) config.maxEjectionPercent() * all.size();
      if (!fits && !(config.alwaysEjectOneHost() && out == 0)) {
        return;
      }
      state.ejected(true);
      state.ejections++;
      state.times++;
      state.ejectedAtNanos = loops.clock().nanoTime();
    }
    cluster.countEjection(1);
    cluster.rebuildHostSet();
  }

  /** Lets hosts back in whose time is over. Control thread, each {@code interval}. */
  void sweep(long nowNanos) {
    boolean changed = false;
    for (Host host : cluster.hosts().all()) {
      synchronized (this) {
        OutlierState state = host.outlier;
        if (!state.ejected()) {
          // A well-behaved interval takes one ejection off the account.
          if (state.ejections > 0
              && nowNanos - state.ejectedAtNanos > config.interval().toNanos()) {
            state.ejections--;
            state.ejectedAtNanos = nowNanos;
          }
          continue;
        }
        long base = config.baseEjection().toNanos();
        long time =
            Math.min(base * state.ejections, Math.max(base, config.maxEjection().toNanos()));
        if (nowNanos - state.ejectedAtNanos < time) {
          continue;
        }
        state.ejected(false);
        state.ejectedAtNanos = nowNanos;
        state.consecutive5xx.set(0);
        state.consecutiveGateway.set(0);
        state.consecutiveLocal.set(0);
      }
      cluster.countEjection(-1);
      changed = true;
    }
    if (changed) {
      cluster.rebuildHostSet();
    }
  }
}
