package dev.weir.sidecar;

import dev.weir.sidecar.listener.ListenerManager;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;

/** Waits, within limits, for what comes to its end. */
final class Ending {
  private static final long POLL_MILLIS = 20;

  private Ending() {}

  /**
   * Lets requests end, for at most {@code limit}: first those of other workloads, from whom nothing
   * new is accepted, and then the app's own, which it may need to answer them.
   *
   * @return how many connections were still open at the end
   */
  static int drain(ListenerManager listeners, ScheduledExecutorService control, Duration limit) {
    long now = System.nanoTime();
    long until = now + limit.toNanos();
    // Whoever counts connections before the sockets are closed may count none, and miss some.
    await(control.submit(listeners::drainInbound), limit);
    // What stays open, a relay above all, leaves the app some of the time.
    awaitNone(listeners::inboundConnections, now + limit.toNanos() / 4 * 3);
    control.execute(listeners::drainOutbound);
    awaitNone(listeners::connections, until);
    return listeners.connections();
  }

  /** Until it is done, or {@code limit} is over, and it need not begin any more. */
  static void await(Future<?> task, Duration limit) {
    try {
      task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      task.cancel(false); // the control thread is at something else; the end comes all the same
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static void awaitNone(IntSupplier connections, long until) {
    CountDownLatch never = new CountDownLatch(1);
    try {
      do {
        if (never.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
          break;
        }
      } while (connections.getAsInt() > 0 && System.nanoTime() - until < 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
