package dev.weir.sidecar.member;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The variables of a process. */
final class Variables {
  private Variables() {}

  /** Each is {@code NAME=VALUE}; the later one of a name counts. */
  static List<String> of(List<String> around, List<String> own) {
    Map<String, String> variables = new LinkedHashMap<>();
    around.forEach(variable -> variables.put(name(variable), variable));
    own.forEach(variable -> variables.put(name(variable), variable));
    return List.copyOf(variables.values());
  }

  private static String name(String variable) {
    int equals = variable.indexOf('=');
    return equals < 0 ? variable : variable.substring(0, equals);
  }
}
