package dev.weir.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a sidecar's admin pages say, in parts, as commands print them for programs. */
public final class SidecarParts {
  private SidecarParts() {}

  /**
   * The parts of {@code /config_dump} that are one message.
   *
   * @param page as it is read from JSON
   * @param message its name without the package, as {@code RoutesConfigDump}
   */
  public static List<Map<String, Object>> ofDump(@Nullable Object page, String message) {
    List<Map<String, Object>> parts = new ArrayList<>();
    if (page instanceof Map<?, ?> whole && whole.get("configs") instanceof List<?> configs) {
      for (Object config : configs) {
        if (config instanceof Map<?, ?> part
            && String.valueOf(part.get("@type")).endsWith("." + message)) {
          Map<String, Object> named = new LinkedHashMap<>();
          part.forEach((key, value) -> named.put(String.valueOf(key), value));
          parts.add(named);
        }
      }
    }
    return parts;
  }

  /** Of {@code /clusters} the lines {@code CLUSTER::ADDRESS::NAME::VALUE} of each endpoint. */
  public static List<Map<String, Object>> endpoints(String page) {
    Map<String, Map<String, Object>> endpoints = new LinkedHashMap<>();
    for (String line : page.lines().toList()) {
      String[] parts = line.split("::", -1);
      if (parts.length == 4 && !parts[1].endsWith("_priority")) {
        Map<String, Object> endpoint =
            endpoints.computeIfAbsent(
                parts[0] + "::" + parts[1],
                key -> {
                  Map<String, Object> made = new LinkedHashMap<>();
                  made.put("cluster", parts[0]);
                  made.put("address", parts[1]);
                  return made;
                });
        endpoint.put(parts[2], parts[3]);
      }
    }
    return List.copyOf(endpoints.values());
  }
}
