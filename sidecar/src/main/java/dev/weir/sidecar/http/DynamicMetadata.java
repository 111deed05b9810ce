package dev.weir.sidecar.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What filters have found out about a request, for other filters and the log, by the name of the
 * filter: values of JSON, a {@code Map}, {@code List}, {@code String}, {@code Number}, {@code
 * Boolean}, or {@link #NULL}. Event loop of the stream.
 */
public final class DynamicMetadata {
  /** JSON's null, which is something else than nothing. */
  public static final Object NULL =
      new Object() {
        @Override
        public String toString() {
          return "null";
        }
      };

  private final Map<String, Map<String, Object>> byFilter = new HashMap<>(4);

  /** Nobody changes {@code value} any more. */
  public void put(String filter, String key, Object value) {
    byFilter.computeIfAbsent(filter, name -> new HashMap<>(4)).put(key, value);
  }

  /** All that {@code filter} has found out, by key; empty for nothing. */
  public Map<String, Object> of(String filter) {
    return byFilter.getOrDefault(filter, Map.of());
  }

  /** All that is known, by the name of the filter; not to be changed. */
  public Map<String, Map<String, Object>> all() {
    return byFilter;
  }

  /** The value at {@code path}, each step the key of a map; null for none. */
  public @Nullable Object find(String filter, List<String> path) {
    Object value = byFilter.get(filter);
    for (int i = 0; i < path.size() && value != null; i++) {
      value = value instanceof Map<?, ?> map ? map.get(path.get(i)) : null;
    }
    return value;
  }
}
