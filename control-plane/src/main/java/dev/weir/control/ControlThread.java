package dev.weir.control;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The one thread that everything of the control plane lives on. A task that throws is the program's
 * mistake: it is reported, and the next one runs. Any thread may hand it tasks.
 */
final class ControlThread implements Executor, AutoCloseable {
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(5);

  private final Consumer<Throwable> failed;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("control").daemon().factory());

  ControlThread(Consumer<Throwable> failed) {
    this.failed = failed;
  }

  /** A task that comes after the end is dropped. */
  @Override
  public void execute(Runnable task) {
    after(Duration.ZERO, task);
  }

  void after(Duration delay, Runnable task) {
    try {
      Future<?> _ = executor.schedule(() -> run(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException over) {
      // The control plane stops, and everything with it.
    }
  }

  /** Waits for the answer; not for the control thread itself. */
  <T> T ask(Callable<T> question) throws Exception {
    return executor.submit(question).get(LONGEST_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error mistake) {
      failed.accept(mistake);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
