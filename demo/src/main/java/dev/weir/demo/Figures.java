package dev.weir.demo;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What was measured, in the order in which it was, and whether each scene held. Main thread. */
final class Figures {
  private final Map<String, Object> values = new LinkedHashMap<>();
  private final Map<String, Object> scenes = new LinkedHashMap<>();

  void put(String name, long value) {
    values.put(name, value);
  }

  /** To a tenth. */
  void put(String name, double value) {
    values.put(name, Math.round(value * 10) / 10.0);
  }

  void scene(String name, boolean held) {
    scenes.put(name, held);
  }

  boolean allHeld() {
    return !scenes.containsValue(false);
  }

  Map<String, Object> values() {
    return values;
  }

  String json() {
    return "{\"held\": %b,\n \"scenes\": %s,\n \"figures\": %s}\n"
        .formatted(allHeld(), object(scenes), object(values));
  }

  /** Names are the program's own and need no escape; values are numbers and booleans. */
  private static String object(Map<String, Object> fields) {
    return fields.entrySet().stream()
        .map(field -> String.format(Locale.ROOT, "\"%s\": %s", field.getKey(), field.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
