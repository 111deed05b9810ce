package dev.weir.control.compile;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what a proxy cannot enforce, each once. */
public final class Diagnostics {
  private final Set<Diagnostic> reported = new LinkedHashSet<>();

  public void report(String policy, String field, String message) {
    reported.add(new Diagnostic(policy, field, message));
  }

  public List<Diagnostic> reported() {
    return List.copyOf(reported);
  }
}
