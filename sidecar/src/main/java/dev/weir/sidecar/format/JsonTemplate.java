package dev.weir.sidecar.format;

import dev.weir.sidecar.config.listener.AccessLog.Value;
import dev.weir.sidecar.http.StreamInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A {@code json_format}, compiled: one line, fields in the order given. */
public final class JsonTemplate {
  private sealed interface Step {
    record Raw(byte[] bytes) implements Step {}

    record Text(Template template) implements Step {}
  }

  private final List<Step> steps = new ArrayList<>();
  private final StringBuilder raw = new StringBuilder();

  /**
   * @throws IllegalArgumentException as {@link Template#compile}
   */
  public JsonTemplate(Value.Struct fields) {
    compile(fields);
    raw.append('\n');
    flush();
  }

  private void compile(Value value) {
    switch (value) {
      case Value.Template(String text) -> {
        flush();
        steps.add(new Step.Text(Template.compile(text)));
      }
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

  private void flush() {
    if (!raw.isEmpty()) {
      steps.add(new Step.Raw(raw.toString().getBytes(StandardCharsets.UTF_8)));
      raw.setLength(0);
    }
  }

  /** Appends one line, newline included. */
  public void write(StreamInfo info, ByteSink out) {
    for (int i = 0; i < steps.size(); i++) {
      switch (steps.get(i)) {
        case Step.Raw(byte[] bytes) -> out.put(bytes);
        case Step.Text(Template template) -> template.writeJson(info, out);
      }
    }
  }
}
