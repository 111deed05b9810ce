package dev.weir.sidecar.transport;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The tasks of one connection's handshake: whether one is under way. Any thread. */
final class HandshakeTasks implements Executor {
  private final Executor tasks;
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile @Nullable Runnable then;

  HandshakeTasks(Executor tasks) {
    this.tasks = tasks;
  }

  @Override
  public void execute(Runnable task) {
    underWay.incrementAndGet();
    try {
      tasks.execute(() -> {
        try {
          task.run();
        } finally {
          ended();
        }
      });
    } catch (RejectedExecutionException e) {
      underWay.decrementAndGet();
      throw e;
    }
  }

  private void ended() {
    underWay.decrementAndGet();
    Runnable told = then;
    if (told != null) {
      told.run();
    }
  }

  boolean underWay() {
    return underWay.get() > 0;
  }

  /** From now on {@code told} is run when a task has ended, in its thread. */
  void afterEach(Runnable told) {
    then = told;
  }
}
