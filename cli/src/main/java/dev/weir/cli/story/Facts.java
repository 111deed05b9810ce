package dev.weir.cli.story;

import java.util.List;
import java.util.Map;

/** What one map of a sidecar's page says; of what is not there, or of another kind, nothing. */
record Facts(Map<?, ?> map) {
  static Facts of(Object value) {
    return new Facts(value instanceof Map<?, ?> map ? map : Map.of());
  }

  boolean has(String key) {
    return map.get(key) != null;
  }

  String text(String key) {
    Object value = map.get(key);
    return value == null ? "" : String.valueOf(value);
  }

  /** 0 where there is none. */
  double number(String key) {
    return map.get(key) instanceof Number number ? number.doubleValue() : 0;
  }

  int whole(String key) {
    return (int) number(key);
  }

  boolean flag(String key) {
    return Boolean.TRUE.equals(map.get(key));
  }

  Facts part(String key) {
    Object value = map.get(key);
    return of(value == null ? Map.of() : value);
  }

  List<Facts> parts(String key) {
    return map.get(key) instanceof List<?> list ? list.stream().map(Facts::of).toList() : List.of();
  }

  List<String> texts(String key) {
    return map.get(key) instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of();
  }
}
