package dev.weir.control;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that everything of the control plane lives on. A task that throws is the program's
 * mistake: it is reported, and the next one runs. Any thread may hand it tasks.
 */
final class ControlThread implements Executor, AutoCloseable {
  /** Tasks between two rests. */
  private static final int MOST = 32;

  private final Consumer<Throwable> failed;
  private final Runnable rest;
  private final Duration longestAnswer;

  /** What it is to do now; short, because a stream's next request waits for the one before. */
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().name("control").daemon().factory()) {
        private int tasks;

        @Override
        protected void afterExecute(Runnable task, @Nullable Throwable mistake) {
          if (getQueue().isEmpty() || ++tasks % MOST == 0) {
            rest.run();
          }
        }
      };

  /** Hands over what is to be done later. */
  private final ScheduledExecutorService later =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("control-later").daemon().factory());

  /**
   * @param failed is told of a task's mistake
   * @param rest is run when there is nothing to do, and now and then when there always is something
   * @param longestAnswer how long a question waits
   */
  ControlThread(Consumer<Throwable> failed, Runnable rest, Duration longestAnswer) {
    this.failed = failed;
    this.rest = rest;
    this.longestAnswer = longestAnswer;
  }

  /** A task that comes after the end is dropped. */
  @Override
  public void execute(Runnable task) {
    try {
      executor.execute(() -> run(task));
    } catch (RejectedExecutionException over) {
      // The control plane stops, and everything with it.
    }
  }

  void after(Duration delay, Runnable task) {
    try {
      Future<?> _ = later.schedule(() -> execute(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException over) {
      // The control plane stops, and everything with it.
    }
  }

  /**
   * Waits for the answer; not for the control thread itself. A question that is not answered in
   * time is taken back.
   */
  <T> T ask(Callable<T> question)
      throws ExecutionException, InterruptedException, TimeoutException {
    Future<T> answer = executor.submit(question);
    try {
      return answer.get(longestAnswer.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      throw new TimeoutException(
          "no answer within " + longestAnswer.toMillis() + " ms: the control thread is busy");
    } finally {
      answer.cancel(false);
    }
  }

  /** Waits until a task is done, however long that takes; what it throws is thrown here. */
  void call(Runnable task) throws IOException {
    try {
      executor.submit(task).get();
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      Throwables.throwIfUnchecked(cause);
      throw new IOException(cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
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
    later.shutdownNow();
    executor.shutdownNow();
  }
}
