package dev.weir.control.injector;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects of Kubernetes as maps and lists, whatever their fields. */
final class Tree {
  private Tree() {}

  /** A copy that can be changed without changing this one. */
  static Map<String, Object> copyOf(Map<String, Object> map) {
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, item) -> copy.put(key, copy(item)));
    return copy;
  }

  private static @Nullable Object copy(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, item) -> copy.put(String.valueOf(key), copy(item)));
        yield copy;
      }
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>();
        list.forEach(item -> copy.add(copy(item)));
        yield copy;
      }
      case null, default -> value;
    };
  }

  /** The map at {@code key}; one that is made there if there is none. */
  @SuppressWarnings("unchecked") // what is not of this form is refused by the API server
  static Map<String, Object> map(Map<String, Object> parent, String key) {
    Object value = parent.get(key);
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    Map<String, Object> made = new LinkedHashMap<>();
    parent.put(key, made);
    return made;
  }

  /** The map at {@code key}; an empty one, of nobody, if there is none. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> mapOrEmpty(Map<String, Object> parent, String key) {
    return parent.get(key) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  /** The maps in the list at {@code key}, which is made if there is none. */
  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> list(Map<String, Object> parent, String key) {
    Object value = parent.get(key);
    if (value instanceof List<?> list) {
      return (List<Map<String, Object>>) list;
    }
    List<Map<String, Object>> made = new ArrayList<>();
    parent.put(key, made);
    return made;
  }

  /** The maps in the list at {@code key}, without what is none; none if there is no list. */
  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> listOrEmpty(Map<String, Object> parent, String key) {
    if (!(parent.get(key) instanceof List<?> list)) {
      return List.of();
    }
    return (List<Map<String, Object>>)
        (list.stream().allMatch(Map.class::isInstance)
            ? list
            : list.stream().filter(Map.class::isInstance).toList());
  }

  static String text(Map<String, Object> map, String key) {
    Object value = map.get(key);
    return value == null ? "" : value.toString();
  }
}
