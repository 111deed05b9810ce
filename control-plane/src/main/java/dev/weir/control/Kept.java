package dev.weir.control;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Workload;
import dev.weir.control.source.file.LastGood;
import dev.weir.control.state.KeptState;
import dev.weir.control.workload.WorkloadRegistry.Known;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What a start finds of the one before it, and leaves for the next. Any thread. */
final class Kept implements AutoCloseable {
  private final KeptState files;
  private final KeptState instances;
  private final KeptState calls;

  /**
   * @param folder where; empty: nothing is kept
   * @param told is told, once each, what cannot be kept
   */
  Kept(Optional<Path> folder, Consumer<String> told) {
    this.files = state(folder, "files", "what is in force", told);
    this.instances = state(folder, "instances", "the instances that are known", told);
    this.calls = state(folder, "called", "what apps call", told);
  }

  private static KeptState state(
      Optional<Path> folder, String name, String what, Consumer<String> told) {
    return new KeptState(folder.map(path -> path.resolve(name)), what, told);
  }

  /** The files that are in force. */
  LastGood files() {
    return new KeptFiles(files);
  }

  Map<Workload, Instant> instances(Instant now) {
    return new KeptInstances(instances).load(now);
  }

  /** The list must not change. */
  void instances(List<Known> known) {
    new KeptInstances(instances).save(known);
  }

  /** What the apps of services call. */
  Map<ObjectName, List<String>> calls() {
    return KeptCalls.load(calls);
  }

  /** The map must not change. */
  void calls(Map<ObjectName, List<String>> called) {
    KeptCalls.save(called, calls);
  }

  /** What was handed over is written. One that fails keeps none from it. */
  @Override
  public void close() throws IOException {
    IOException first = null;
    for (KeptState state : List.of(files, instances, calls)) {
      try {
        state.close();
      } catch (IOException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
