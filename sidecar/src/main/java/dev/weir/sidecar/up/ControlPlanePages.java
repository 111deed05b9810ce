package dev.weir.sidecar.up;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** What the control plane's pages say. */
final class ControlPlanePages {
  private static final int MOST_CHARACTERS = 64 << 20;

  private ControlPlanePages() {}

  /**
   * A sidecar that streams from it.
   *
   * @param types the state of each type of resource
   * @param fields the same for programs, in the words that they have of a cluster
   */
  record Proxy(
      String node,
      String service,
      String address,
      List<String> readyPorts,
      boolean inSync,
      Map<String, String> types,
      Map<String, Object> fields) {
    Proxy {
      readyPorts = List.copyOf(readyPorts);
      types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
  }

  static List<Proxy> proxies(String json) throws IOException {
    List<Proxy> proxies = new ArrayList<>();
    for (Map<?, ?> proxy : list(json)) {
      Map<String, String> types = new LinkedHashMap<>();
      if (proxy.get("types") instanceof Map<?, ?> states) {
        states.forEach((type, state) -> types.put(String.valueOf(type), state(state)));
      }
      proxies.add(
          new Proxy(
              String.valueOf(proxy.get("node")),
              String.valueOf(proxy.get("service")),
              String.valueOf(proxy.get("address")),
              proxy.get("readyPorts") instanceof List<?> ports
                  ? ports.stream().map(String::valueOf).toList()
                  : List.of(),
              Boolean.TRUE.equals(proxy.get("inSync")),
              types,
              fields(proxy)));
    }
    return proxies;
  }

  private static Map<String, Object> fields(Map<?, ?> proxy) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("inSync", Boolean.TRUE.equals(proxy.get("inSync")));
    for (String name : List.of("service", "address", "readyPorts")) {
      put(name, proxy.get(name), fields);
    }
    Map<String, Object> types = new LinkedHashMap<>();
    if (proxy.get("types") instanceof Map<?, ?> states) {
      states.forEach((type, state) -> types.put(String.valueOf(type), type(state)));
    }
    fields.put("types", types);
    fields.put(
        "notEnforced", proxy.get("notEnforced") instanceof List<?> lines ? lines : List.of());
    return fields;
  }

  private static Map<String, Object> type(Object state) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (state instanceof Map<?, ?> type) {
      for (String name : List.of("state", "target", "acked")) {
        put(name, type.get(name), fields);
      }
      if (type.get("nacked") instanceof Map<?, ?> nack) {
        put("refusal", nack.get("reason"), fields);
        put("since", nack.get("at"), fields);
        put("followsFrom", nack.get("followsFrom"), fields);
      }
    }
    return fields;
  }

  private static void put(String name, @Nullable Object value, Map<String, Object> fields) {
    if (value != null) {
      fields.put(name, value);
    }
  }

  private static String state(Object type) {
    if (type instanceof Map<?, ?> fields) {
      Object why = fields.get("nacked") instanceof Map<?, ?> nack ? nack.get("reason") : null;
      return fields.get("state") + (why == null ? "" : ": " + why);
    }
    return String.valueOf(type);
  }

  /** The files, or objects of a cluster, that have errors; each as often as it has some. */
  static List<String> errors(String json) throws IOException {
    return list(json).stream()
        .filter(finding -> "error".equals(finding.get("severity")))
        .map(finding -> String.valueOf(finding.get("file")))
        .toList();
  }

  /** Whether a service has a port, by its full name; one that is not known has none. */
  static boolean hasPorts(String json, String service) throws IOException {
    for (Map<?, ?> one : list(json)) {
      if (service.equals(one.get("namespace") + "/" + one.get("name"))) {
        return one.get("ports") instanceof List<?> ports && !ports.isEmpty();
      }
    }
    return false;
  }

  /** JSON is YAML. */
  private static List<Map<?, ?>> list(String json) throws IOException {
    try {
      List<Map<?, ?>> maps = new ArrayList<>();
      if (new Load(LoadSettings.builder().setCodePointLimit(MOST_CHARACTERS).build())
              .loadFromString(json)
          instanceof List<?> items) {
        for (Object item : items) {
          if (item instanceof Map<?, ?> map) {
            maps.add(map);
          }
        }
        return maps;
      }
      throw new IOException("the control plane's page is no list");
    } catch (YamlEngineException e) {
      throw new IOException("the control plane's page is not JSON", e);
    }
  }
}
