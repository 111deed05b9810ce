package dev.weir.sidecar.format;

import dev.weir.sidecar.config.listener.AccessLog.Value;
import dev.weir.sidecar.http.StreamInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@code json_format}, compiled: one line, fields in the order given. */
public final class JsonTemplate {
  /** What stands as it is, and the value behind it; the last has none. */
  private record Step(byte[] raw, @Nullable Template value) {}

  private final List<Step> steps = new ArrayList<>();
  private final StringBuilder raw = new StringBuilder();

  /**
   * @throws IllegalArgumentException as {@link Template#compile}
   */
  public JsonTemplate(Value.Struct fields) {
    compile(fields);
    raw.append('\n');
    step(null);
  }

  private void compile(Value value) {
    switch (value) {
      case Value.Template(String text) -> step(Template.compile(text));
      case Value.Literal(String json) -> raw.append(json);
      case Value.Struct(List<Value.Field> fields) -> {
        raw.append('{');
        for (int i = 0; i < fields.size(); i++) {
          raw.append(i == 0 ? "" : ",")
              .append('"')
              .append(escape(fields.get(i).name()))
              .append("\":");
          compile(fields.get(i).value());
        }
        raw.append('}');
      }
      case Value.Items(List<Value> items) -> {
        raw.append('[');
        for (int i = 0; i < items.size(); i++) {
          raw.append(i == 0 ? "" : ",");
          compile(items.get(i));
        }
        raw.append(']');
      }
    }
  }

  /** Makes {@code text} fit between the quotes of a JSON string. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7f) {
        escaped.append("\\u%04x".formatted((int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  private void step(@Nullable Template value) {
    steps.add(new Step(raw.toString().getBytes(StandardCharsets.UTF_8), value));
    raw.setLength(0);
  }

  /** Appends one line, newline included. */
  public void write(StreamInfo info, ByteSink out) {
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      out.put(step.raw());
      if (step.value() != null) {
        step.value().writeJson(info, out);
      }
    }
  }
}
