package dev.weir.control;

import dev.weir.control.model.ObjectName;
import dev.weir.control.workload.WorkloadRegistry.Known;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Has what is known kept for the next start, once for all that changes in a while. Control thread.
 */
final class Keeping {
  private static final Duration BETWEEN = Duration.ofSeconds(1);

  /** Also while nothing changes: what is kept says when it was last true. */
  private static final Duration LONGEST_BETWEEN = Duration.ofMinutes(5);

  private final Kept kept;
  private final Supplier<List<Known>> instances;
  private final Supplier<Map<ObjectName, List<String>>> calls;
  private final BiConsumer<Duration, Runnable> after;
  private boolean keepingInstances;
  private boolean keepingCalls;

  /**
   * @param instances that are known
   * @param calls what the apps of services call
   * @param after runs a task on the control thread after a time
   */
  Keeping(
      Kept kept,
      Supplier<List<Known>> instances,
      Supplier<Map<ObjectName, List<String>>> calls,
      BiConsumer<Duration, Runnable> after) {
    this.kept = kept;
    this.instances = instances;
    this.calls = calls;
    this.after = after;
  }

  void begin() {
    after.accept(LONGEST_BETWEEN, this::nowAndThen);
  }

  /** There are other instances. */
  void instances() {
    if (!keepingInstances) {
      keepingInstances = true;
      after.accept(BETWEEN, this::keepInstances);
    }
  }

  /** Something is called that was not before. */
  void calls() {
    if (!keepingCalls) {
      keepingCalls = true;
      after.accept(BETWEEN, this::keepCalls);
    }
  }

  /** All of it. */
  void now() {
    keepInstances();
    keepCalls();
  }

  private void nowAndThen() {
    after.accept(LONGEST_BETWEEN, this::nowAndThen);
    keepInstances();
  }

  private void keepInstances() {
    keepingInstances = false;
    kept.instances(instances.get());
  }

  private void keepCalls() {
    keepingCalls = false;
    kept.calls(calls.get());
  }
}
