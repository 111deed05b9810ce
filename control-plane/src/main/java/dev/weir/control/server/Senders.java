package dev.weir.control.server;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Threads on which responses are serialized and handed to their connections. What belongs to one
 * stream is done by one of them, in order. They are woken for many tasks at once: waking a thread
 * for each of a thousand clients costs more than anything else that is done about them. Control
 * thread, but for {@link #close}.
 */
public final class Senders implements AutoCloseable {
  /** A thread does not wait for more than this. */
  private static final int MOST = 64;

  private final List<Sender> all;

  private final Consumer<Throwable> failed;

  /** One thread, and what it is not told of yet. */
  private final class Sender implements Executor {
    final ExecutorService thread =
        Executors.newSingleThreadExecutor(new DefaultThreadFactory("ads-send", true));
    private List<Runnable> tasks = new ArrayList<>(MOST);

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
      if (tasks.size() == MOST) {
        flush();
      }
    }

    void flush() {
      if (!tasks.isEmpty()) {
        List<Runnable> batch = tasks;
        tasks = new ArrayList<>(MOST);
        try {
          thread.execute(() -> batch.forEach(this::run));
        } catch (RejectedExecutionException over) {
          // The control plane stops, and everything with it.
        }
      }
    }

    private void run(Runnable task) {
      try {
        task.run();
      } catch (RuntimeException | Error mistake) {
        failed.accept(mistake);
      }
    }
  }

  /**
   * @param failed is told, on one of the threads, of a mistake; the other tasks are done
   */
  public Senders(int threads, Consumer<Throwable> failed) {
    this.failed = failed;
    this.all = Stream.generate(Sender::new).limit(threads).toList();
  }

  /** Where what is sent to a stream goes; it begins with the next {@link #flush} at the latest. */
  Executor of(long stream) {
    return all.get((int) (stream % all.size()));
  }

  /** What waits begins. */
  public void flush() {
    all.forEach(Sender::flush);
  }

  /** What was handed over is still done. Any thread. */
  @Override
  public void close() {
    all.forEach(sender -> sender.thread.shutdown());
  }
}
