package dev.weir.sidecar.xds;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The one thread on which configuration is worked on. A task that fails is reported and ends alone;
 * a task that comes after the end is dropped. Any thread may hand tasks over.
 */
public final class ControlThread {
  private final ScheduledExecutorService executor;
  private final Consumer<String> log;

  /**
   * @param executor of a single thread; whoever made it shuts it down
   * @param log told what happens, a line each
   */
  public ControlThread(ScheduledExecutorService executor, Consumer<String> log) {
    this.executor = executor;
    this.log = log;
  }

  public void execute(Runnable task) {
    schedule(Duration.ZERO, task);
  }

  /** Returns what cancels {@code task} as long as it has not begun. */
  public Future<?> schedule(Duration delay, Runnable task) {
    try {
      return executor.schedule(() -> run(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      if (!executor.isShutdown()) {
        throw e;
      }
      return CompletableFuture.completedFuture(null);
    }
  }

  /** Runs {@code task} again and again, {@code pause} after it has ended; it may fail. */
  public void repeat(Duration pause, Runnable task) {
    Future<?> _ =
        executor.scheduleWithFixedDelay(
            () -> run(task), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      log.accept("xds: an internal error on the control thread: " + e);
    }
  }
}
