package dev.weir.sidecar.admin;

import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.StreamEncoder;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Hands an answer from the thread that makes it to its stream, a part at a time, as the client
 * takes it; a client that takes nothing for a while is given up. Event loop of the connection, but
 * for what says otherwise.
 */
final class Parts {
  private final ServerConnection connection;
  private final StreamEncoder encoder;
  private final long patienceNanos;
  private final CountDownLatch gone = new CountDownLatch(1);

  /** For the next part, given by the loop. */
  private final Semaphore room = new Semaphore(1);

  private boolean full;
  private long fullSince;

  /**
   * @param patience how long a client may take nothing
   */
  Parts(ServerConnection connection, StreamEncoder encoder, Duration patience) {
    this.connection = connection;
    this.encoder = encoder;
    this.patienceNanos = patience.toNanos();
  }

  /**
   * Waits until the part before has been taken, and hands {@code part} over. Any one thread that
   * may wait.
   *
   * @return false once the client has left
   */
  boolean write(byte[] part) throws InterruptedException {
    room.acquire();
    if (left()) {
      return false;
    }
    onLoop(() -> handOver(part));
    return true;
  }

  /** Any thread. */
  void onLoop(Runnable task) {
    try {
      connection.loop().eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      leave(); // the sidecar ends
    }
  }

  private void handOver(byte[] part) {
    if (left()) {
      room.release();
      return;
    }
    encoder.data(Unpooled.wrappedBuffer(part), false);
    full = !encoder.writable();
    if (full) {
      fullSince = connection.loop().nanoTime();
      connection.wakeAt(fullSince + patienceNanos);
    } else {
      room.release();
    }
  }

  void writable(boolean writable) {
    if (writable && full) {
      full = false;
      room.release();
    }
  }

  /** As {@code ServerStream.deadline}. */
  long deadline(long now) {
    if (!full || left()) {
      return Long.MAX_VALUE;
    }
    long due = fullSince + patienceNanos;
    if (now - due < 0) {
      return due;
    }
    leave();
    encoder.reset(ResetReason.LOCAL_RESET);
    return Long.MAX_VALUE;
  }

  /** Nothing more is written. */
  void leave() {
    gone.countDown();
    room.release();
  }

  /** Any thread. */
  boolean left() {
    return gone.getCount() == 0;
  }

  /** Waits for the client to leave, for {@code limit} at most. Any thread that may wait. */
  boolean leavesWithin(Duration limit) throws InterruptedException {
    return gone.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }
}
