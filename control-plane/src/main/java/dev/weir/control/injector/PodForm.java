package dev.weir.control.injector;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether what is to be a pod has the form of one, as far as a sidecar is put into it. */
final class PodForm {
  private PodForm() {}

  /** The first field that is missing or of another form, and what is wrong with it. */
  static Optional<String> problem(Map<String, Object> pod) {
    if (!(pod.get("spec") instanceof Map<?, ?> spec)) {
      return Optional.of("spec: " + otherThan("a map", pod.get("spec")));
    }
    if (!(spec.get("containers") instanceof List<?> containers)) {
      return Optional.of("spec.containers: " + otherThan("a list", spec.get("containers")));
    }
    if (containers.isEmpty()) {
      return Optional.of("spec.containers: there is none");
    }
    return maps("spec.containers", containers)
        .or(() -> list(spec, "initContainers"))
        .or(() -> list(spec, "volumes"))
        .or(() -> metadata(pod));
  }

  private static Optional<String> metadata(Map<String, Object> pod) {
    Object metadata = pod.get("metadata");
    if (metadata == null) {
      return Optional.empty();
    }
    if (!(metadata instanceof Map<?, ?> fields)) {
      return Optional.of("metadata: " + otherThan("a map", metadata));
    }
    for (String field : List.of("labels", "annotations")) {
      if (fields.get(field) != null && !(fields.get(field) instanceof Map<?, ?>)) {
        return Optional.of("metadata." + field + ": " + otherThan("a map", fields.get(field)));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> list(Map<?, ?> spec, String field) {
    Object value = spec.get(field);
    if (value == null) {
      return Optional.empty();
    }
    return value instanceof List<?> list
        ? maps("spec." + field, list)
        : Optional.of("spec." + field + ": " + otherThan("a list", value));
  }

  private static Optional<String> maps(String field, List<?> list) {
    for (int index = 0; index < list.size(); index++) {
      if (!(list.get(index) instanceof Map<?, ?>)) {
        return Optional.of(field + "[" + index + "]: " + otherThan("a map", list.get(index)));
      }
    }
    return Optional.empty();
  }

  /** What is wrong with a value that is not what it must be. */
  static String otherThan(String form, @Nullable Object value) {
    return switch (value) {
      case null -> "missing";
      case Map<?, ?> _ -> "expected " + form + ", not a map";
      case List<?> _ -> "expected " + form + ", not a list";
      default -> "expected " + form + ", not " + abbreviated(value.toString());
    };
  }

  private static String abbreviated(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
