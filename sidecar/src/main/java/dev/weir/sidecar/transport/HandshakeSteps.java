package dev.weir.sidecar.transport;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one connection's handshake: so many and no more, and none once it is done, whatever
 * the peer asks for. So no peer begins another handshake on a connection that has had its own. Who
 * asks for a step too many is told by an exception, and ends the connection. Event loop of the
 * channel.
 */
final class HandshakeSteps implements Executor {
  /** Engines take less than ten. */
  private static final int MOST = 32;

  private final Executor tasks;
  private final @Nullable PeerShares shares;
  private final Object peer;
  private int begun;
  private boolean over;

  /**
   * @param shares what the peers have of all steps that wait; null: there is no limit
   * @param peer to whom it counts
   */
  HandshakeSteps(Executor tasks, @Nullable PeerShares shares, Object peer) {
    this.tasks = tasks;
    this.shares = shares;
    this.peer = peer;
  }

  /** The handshake is done: there are no further steps. */
  void end() {
    over = true;
  }

  @Override
  public void execute(Runnable step) {
    if (over) {
      throw new RejectedExecutionException("the peer wants another handshake on its connection");
    }
    if (++begun > MOST) {
      throw new RejectedExecutionException("its handshake has more than " + MOST + " steps");
    }
    if (shares == null) {
      tasks.execute(step);
    } else {
      shares.execute(tasks, peer, step);
    }
  }
}
