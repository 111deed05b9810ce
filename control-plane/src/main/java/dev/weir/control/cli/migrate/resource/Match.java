package dev.weir.control.cli.migrate.resource;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One match of a rule.
 *
 * @param path empty for any
 * @param method empty for any
 */
public record Match(
    Optional<Path> path,
    Optional<String> method,
    List<Map<String, Object>> headers,
    List<Map<String, Object>> queryParams) {
  public enum PathType {
    Exact(2),
    RegularExpression(1),
    PathPrefix(0);

    private final int rank;

    PathType(int rank) {
      this.rank = rank;
    }
  }

  public record Path(PathType type, String value) {
    /** What each path begins with that this matches. */
    String beginning() {
      if (type != PathType.RegularExpression) {
        return value.replaceFirst("/+$", "");
      }
      if (value.contains("|")) {
        return "";
      }
      int end = 0;
      while (end < value.length() && "\\.+*?()[]{}^$".indexOf(value.charAt(end)) < 0) {
        end++;
      }
      boolean counted = end < value.length() && "*?{".indexOf(value.charAt(end)) >= 0;
      return value.substring(0, counted ? Math.max(0, end - 1) : end);
    }
  }

  public static final Match ANY =
      new Match(Optional.empty(), Optional.empty(), List.of(), List.of());

  /** As Gateway API writes it. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = Output.fields();
    path.ifPresent(
        path -> fields.put("path", Output.fields("type", path.type.name(), "value", path.value)));
    method.ifPresent(method -> fields.put("method", method));
    if (!headers.isEmpty()) {
      fields.put("headers", headers);
    }
    if (!queryParams.isEmpty()) {
      fields.put("queryParams", queryParams);
    }
    return fields;
  }

  public boolean isAny() {
    return fields().isEmpty();
  }

  /** Whether some request may match both; true where that is not to be seen. */
  public boolean overlaps(Match other) {
    if (method.isPresent() && other.method.isPresent() && !method.equals(other.method)) {
      return false;
    }
    if (contradict(headers, other.headers) || contradict(queryParams, other.queryParams)) {
      return false;
    }
    return path.isEmpty() || other.path.isEmpty() || overlap(path.get(), other.path.get());
  }

  private static boolean contradict(
      List<Map<String, Object>> some, List<Map<String, Object>> others) {
    return some.stream()
        .anyMatch(one ->
            others.stream()
                .anyMatch(other ->
                    !one.containsKey("type")
                        && !other.containsKey("type")
                        && String.valueOf(one.get("name"))
                            .equalsIgnoreCase(String.valueOf(other.get("name")))
                        && !Objects.equals(one.get("value"), other.get("value"))));
  }

  private static boolean overlap(Path one, Path other) {
    if (one.type == PathType.RegularExpression || other.type == PathType.RegularExpression) {
      String some = one.beginning();
      String others = other.beginning();
      return some.startsWith(others) || others.startsWith(some);
    }
    return under(one, other) || under(other, one);
  }

  /** All that {@code below} matches is matched by {@code above}. */
  private static boolean under(Path below, Path above) {
    String prefix = above.value.replaceFirst("/+$", "");
    return above.type == PathType.Exact
        ? below.value.equals(above.value)
        : below.value.equals(prefix) || below.value.startsWith(prefix + "/");
  }

  /** Gateway API would ask it first; docs/routes.md has the order. */
  public boolean before(Match other) {
    int[] mine = rank();
    int[] theirs = other.rank();
    for (int i = 0; i < mine.length; i++) {
      if (mine[i] != theirs[i]) {
        return mine[i] > theirs[i];
      }
    }
    return false;
  }

  private int[] rank() {
    return new int[] {
      path.map(path -> path.type.rank).orElse(0),
      path.map(path -> path.value.replaceFirst("/+$", "").length()).orElse(0),
      method.isPresent() ? 1 : 0,
      headers.size(),
      queryParams.size()
    };
  }
}
