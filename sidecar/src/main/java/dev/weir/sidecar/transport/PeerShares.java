package dev.weir.sidecar.transport;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * How many steps of handshakes wait of each peer: who makes a flood of them has a share of the
 * places, and the others theirs. It knows those peers alone that something waits of. Any thread.
 */
final class PeerShares {
  /** A quarter of all places: many workloads may come from one address, behind a gateway. */
  static final int MOST = TlsTasks.MOST / 4;

  private final ConcurrentMap<Object, Integer> waiting = new ConcurrentHashMap<>();

  void execute(Executor tasks, Object peer, Runnable step) {
    if (waiting.merge(peer, 1, Integer::sum) > MOST) {
      done(peer);
      throw new RejectedExecutionException(
          "more than " + MOST + " steps of handshakes of " + peer + " wait");
    }
    try {
      tasks.execute(() -> {
        try {
          step.run();
        } finally {
          done(peer);
        }
      });
    } catch (RejectedExecutionException e) {
      done(peer);
      throw e;
    }
  }

  private void done(Object peer) {
    waiting.computeIfPresent(peer, (same, count) -> count == 1 ? null : count - 1);
  }

  /** Peers that something waits of. */
  int size() {
    return waiting.size();
  }
}
