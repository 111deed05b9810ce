package dev.weir.control.server;

import dev.weir.control.snapshot.Versioned;
import java.util.List;

/** What to send: {@code absent} are names the client knows or wants and that are not there. */
record Change(List<Versioned> changed, List<String> absent) {
  boolean isEmpty() {
    return changed.isEmpty() && absent.isEmpty();
  }

  /** About how many bytes it makes. */
  long size() {
    return changed.stream().mapToLong(one -> one.resource().getSerializedSize()).sum();
  }
}
