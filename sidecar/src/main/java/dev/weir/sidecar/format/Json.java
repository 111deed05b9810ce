package dev.weir.sidecar.format;

import dev.weir.sidecar.http.DynamicMetadata;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values as {@link DynamicMetadata} has them, as JSON, RFC 8259. */
public final class Json {
  private Json() {}

  /** Keys stand in their order, without spaces; null is JSON's. */
  public static String write(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(@Nullable Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> sorted = new TreeMap<>();
        map.forEach((key, each) -> sorted.put(String.valueOf(key), each));
        char before = '{';
        for (Map.Entry<String, @Nullable Object> each : sorted.entrySet()) {
          write(each.getKey(), out.append(before));
          write(each.getValue(), out.append(':'));
          before = ',';
        }
        out.append(sorted.isEmpty() ? "{}" : "}");
      }
      case List<?> list -> {
        char before = '[';
        for (Object each : list) {
          write(each, out.append(before));
          before = ',';
        }
        out.append(list.isEmpty() ? "[]" : "]");
      }
      case String text -> out.append('"').append(JsonTemplate.escape(text)).append('"');
      default -> out.append(value); // a number, true or false, DynamicMetadata.NULL
    }
  }
}
