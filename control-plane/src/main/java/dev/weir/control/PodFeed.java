package dev.weir.control;

import dev.weir.control.workload.Pods;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the pods of a cluster, in order: it waits until the control plane begins, and
 * then goes to the control thread. Any thread.
 */
final class PodFeed implements Consumer<Consumer<Pods>> {
  private final Pods pods;
  private final Executor control;

  /** Null once it has begun. */
  private @Nullable List<Consumer<Pods>> early = new ArrayList<>();

  PodFeed(Pods pods, Executor control) {
    this.pods = pods;
    this.control = control;
  }

  @Override
  public synchronized void accept(Consumer<Pods> event) {
    if (early != null) {
      early.add(event);
    } else {
      control.execute(() -> event.accept(pods));
    }
  }

  /** On the control thread: what has waited is done when this returns. */
  synchronized void begin() {
    if (early != null) {
      early.forEach(event -> event.accept(pods));
      early = null;
    }
  }
}
