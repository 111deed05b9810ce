package dev.weir.sidecar.transport;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that do the work of handshakes: keys and signatures take longer than an event loop
 * has. A fork-join pool, because whoever hands it a task does not wait for a lock. Any thread.
 */
public final class TlsTasks implements Executor, AutoCloseable {
  /** Tasks that wait or run. A handshake that is one too many fails, as it would by its timeout. */
  static final int MOST = 4096;

  private static final AtomicInteger THREADS = new AtomicInteger();

  private final ForkJoinPool pool;
  private final AtomicInteger tasks = new AtomicInteger();

  /**
   * @param threads 1 or more
   */
  public TlsTasks(int threads) {
    pool =
        new ForkJoinPool(
            threads,
            owner -> {
              ForkJoinWorkerThread thread =
                  ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(owner);
              thread.setName("tls-" + THREADS.getAndIncrement());
              return thread;
            },
            null,
            true);
  }

  @Override
  public void execute(Runnable task) {
    if (tasks.incrementAndGet() > MOST) {
      tasks.decrementAndGet();
      throw new RejectedExecutionException("more than " + MOST + " steps of handshakes wait");
    }
    try {
      pool.execute(() -> {
        try {
          task.run();
        } finally {
          tasks.decrementAndGet();
        }
      });
    } catch (RejectedExecutionException e) {
      tasks.decrementAndGet();
      throw e;
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
    try {
      boolean ended = pool.awaitTermination(2, TimeUnit.SECONDS);
      assert ended : "a step of a handshake goes on for ever";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
