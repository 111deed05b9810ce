package dev.weir.sidecar.telemetry.otlp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Queues of one kind, one for each place {@code P} that their records go to, however many
 * configurations name it; one is there as long as any of these is in force. Control thread.
 */
public final class ExportQueues<P, R> implements Exporters {
  /** Of a queue that is done with, for what still waits in it. */
  private static final Duration LAST = Duration.ofSeconds(2);

  private final Function<P, ExportQueue<R>> maker;
  private final Map<P, Held<R>> open = new HashMap<>();

  /** Nobody names them any more, and what waited in them is under way. */
  private final List<ExportQueue<R>> ending = new ArrayList<>();

  private static final class Held<R> {
    private final ExportQueue<R> queue;

    /** Configurations in force. */
    private int holders;

    Held(ExportQueue<R> queue) {
      this.queue = queue;
    }
  }

  public ExportQueues(Function<P, ExportQueue<R>> maker) {
    this.maker = maker;
  }

  /** A queue that is to be given back by {@link #release}. */
  public synchronized ExportQueue<R> take(P place) {
    Held<R> held = open.computeIfAbsent(place, each -> new Held<>(maker.apply(each)));
    held.holders++;
    return held.queue;
  }

  public synchronized void release(P place) {
    Held<R> held = open.get(place);
    if (held != null && --held.holders == 0) {
      open.remove(place);
      held.queue.close(LAST);
      ending.removeIf(ExportQueue::isOver);
      ending.add(held.queue);
    }
  }

  @Override
  public synchronized void end() {
    open.values()
        .forEach(held -> {
          held.queue.close(LAST);
          ending.add(held.queue);
        });
    open.clear();
  }

  @Override
  public void close() {
    end();
    List<ExportQueue<R>> left;
    synchronized (this) {
      left = List.copyOf(ending);
      ending.clear();
    }
    try {
      for (ExportQueue<R> queue : left) {
        queue.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
