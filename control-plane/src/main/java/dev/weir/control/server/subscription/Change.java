package dev.weir.control.server.subscription;

import dev.weir.control.snapshot.Versioned;
import java.util.List;

/** What to send: {@code absent} are names the client knows or wants and that are not there. */
public record Change(List<Versioned> changed, List<String> absent) {
  boolean isEmpty() {
    return changed.isEmpty() && absent.isEmpty();
  }

  /** About how many bytes it makes. */
  public long size() {
    long size = 0;
    for (Versioned one : changed) {
      size += one.resource().getSerializedSize();
    }
    return size;
  }
}
