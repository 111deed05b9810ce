package dev.weir.control;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks again when it is asked to, a short time later and once for all who asked until then, on a
 * thread of its own. Any thread.
 */
final class Looks implements Runnable, AutoCloseable {
  private static final Duration GATHERED = Duration.ofMillis(20);

  private final Runnable look;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("look").daemon().factory());

  Looks(Runnable look) {
    this.look = look;
  }

  /** Asks for one. */
  @Override
  public void run() {
    if (asked.compareAndSet(false, true)) {
      try {
        var _ = thread.schedule(this::look, GATHERED.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException over) {
        // The control plane stops, and everything with it.
      }
    }
  }

  private void look() {
    asked.set(false);
    look.run();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
