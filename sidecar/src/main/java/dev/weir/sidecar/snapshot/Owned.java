package dev.weir.sidecar.snapshot;

import java.util.ArrayList;
import java.util.List;

/** What a compiled thing has taken, and gives back when no configuration in force has it. */
final class Owned implements AutoCloseable {
  private final List<Runnable> taken = new ArrayList<>();

  /**
   * @param giveBack run at the end
   */
  void add(Runnable giveBack) {
    taken.add(giveBack);
  }

  @Override
  public void close() {
    taken.forEach(Runnable::run);
    taken.clear();
  }
}
