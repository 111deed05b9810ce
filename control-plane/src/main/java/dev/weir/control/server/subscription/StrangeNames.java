package dev.weir.control.server.subscription;

import java.util.HashSet;
import java.util.Set;

/**
 * Names that a client said and the mesh did not have: the memory they take is the client's doing,
 * and counted. Control thread.
 */
final class StrangeNames {
  /** What a name takes beside its characters. */
  private static final int NAME_BYTES = 100;

  private final Set<String> names = new HashSet<>();
  private long bytes;

  /** The client said this name, which the mesh does not have. */
  void add(String name) {
    if (names.add(name)) {
      bytes += NAME_BYTES + name.length();
    }
  }

  /** The mesh has it now, or the client neither wants it nor is owed an answer to it. */
  void remove(String name) {
    if (names.remove(name)) {
      bytes -= NAME_BYTES + name.length();
    }
  }

  /** About what they take. */
  long bytes() {
    return bytes;
  }
}
