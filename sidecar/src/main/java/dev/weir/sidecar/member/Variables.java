package dev.weir.sidecar.member;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The variables of a process. */
final class Variables {
  /** The launcher's: what the user has of {@link #LAUNCHERS}, a line each. */
  private static final String THEIRS = "WEIR_THEIRS";

  /** What the launcher sets for its own programs. */
  private static final List<String> LAUNCHERS = List.of("JAVA_HOME", "MALLOC_ARENA_MAX");

  private Variables() {}

  /**
   * Each is {@code NAME=VALUE}; the later one of a name counts. What the launcher has set around us
   * is as its user has it.
   */
  static List<String> of(List<String> around, List<String> own) {
    Map<String, String> variables = new LinkedHashMap<>();
    around.forEach(variable -> variables.put(name(variable), variable));
    String theirs = variables.remove(THEIRS);
    if (theirs != null) {
      LAUNCHERS.forEach(variables::remove);
      theirs
          .substring(THEIRS.length() + 1)
          .lines()
          .filter(line -> LAUNCHERS.contains(name(line)))
          .forEach(line -> variables.put(name(line), line));
    }
    own.forEach(variable -> variables.put(name(variable), variable));
    return List.copyOf(variables.values());
  }

  private static String name(String variable) {
    int equals = variable.indexOf('=');
    return equals < 0 ? variable : variable.substring(0, equals);
  }
}
