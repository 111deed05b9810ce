package dev.weir.sidecar.format;

import dev.weir.sidecar.http.DynamicMetadata;
import dev.weir.sidecar.http.StreamInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code %DYNAMIC_METADATA(NAMESPACE:KEY:...):LENGTH%}: what a filter has found out, a string as it
 * is and anything else as JSON, in which nothing is cut.
 */
record Metadata(String namespace, List<String> path, int limit) implements Operator {
  static Metadata of(String operator, @Nullable String argument, int limit) {
    List<String> steps = argument == null ? List.of("") : List.of(argument.split(":", -1));
    if (steps.contains("")) {
      throw new IllegalArgumentException(
          "%" + operator + "% wants a filter's name, and keys: %" + operator + "(NAME:KEY)%");
    }
    return new Metadata(steps.getFirst(), steps.subList(1, steps.size()), limit);
  }

  private @Nullable Object find(StreamInfo info) {
    DynamicMetadata known = info.metadata;
    return known == null ? null : known.find(namespace, path);
  }

  @Override
  public boolean write(StreamInfo info, ByteSink out) {
    Object value = find(info);
    if (value == null) {
      return false;
    }
    String text = value instanceof String string ? string : Json.write(value);
    out.put(limit > 0 && text.length() > limit ? text.substring(0, limit) : text);
    return true;
  }

  @Override
  public boolean writeJson(StreamInfo info, ByteSink out) {
    Object value = find(info);
    if (value == null || value instanceof String) {
      return Operator.super.writeJson(info, out);
    }
    out.put(Json.write(value));
    return true;
  }
}
