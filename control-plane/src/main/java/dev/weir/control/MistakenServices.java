package dev.weir.control;

import dev.weir.control.model.ObjectName;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Tells of services that a mistake of the program's own came with: one stays what it was, and all
 * others go on. Any thread.
 */
final class MistakenServices implements BiConsumer<ObjectName, RuntimeException> {
  private final Consumer<Throwable> failed;
  private final Consumer<String> told;

  /**
   * @param failed is told of the mistake, which counts
   * @param told is told of the service, a line each
   */
  MistakenServices(Consumer<Throwable> failed, Consumer<String> told) {
    this.failed = failed;
    this.told = told;
  }

  @Override
  public void accept(ObjectName service, RuntimeException mistake) {
    failed.accept(mistake);
    told.accept(
        "Service %s stays as it was, or away if it is new: a mistake of the program's own with it, %s; all others go on"
            .formatted(service, mistake));
  }
}
