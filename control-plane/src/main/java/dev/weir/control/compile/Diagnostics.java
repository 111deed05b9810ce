package dev.weir.control.compile;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what a proxy cannot enforce, each once. */
final class Diagnostics {
  private final Set<Diagnostic> reported = new LinkedHashSet<>();

  void report(String policy, String field, String message) {
    reported.add(new Diagnostic(policy, field, message));
  }

  List<Diagnostic> reported() {
    return List.copyOf(reported);
  }
}
