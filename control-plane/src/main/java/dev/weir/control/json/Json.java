package dev.weir.control.json;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints maps, iterables, texts, numbers, booleans and null, indented by two. */
public final class Json {
  private final StringBuilder text = new StringBuilder();

  private Json() {}

  public static String print(@Nullable Object value) {
    Json json = new Json();
    json.append(value, 0);
    return json.text.append('\n').toString();
  }

  private void append(@Nullable Object value, int depth) {
    switch (value) {
      case null -> text.append("null");
      case Map<?, ?> map -> map(map, depth);
      case Iterable<?> items -> items(items, depth);
      case Number number -> text.append(number);
      case Boolean flag -> text.append(flag);
      default -> quote(value.toString());
    }
  }

  private void map(Map<?, ?> map, int depth) {
    text.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      text.append(separator);
      separator = ",";
      line(depth + 1);
      quote(String.valueOf(entry.getKey()));
      text.append(": ");
      append(entry.getValue(), depth + 1);
    }
    close(map.isEmpty(), depth, '}');
  }

  private void items(Iterable<?> items, int depth) {
    text.append('[');
    boolean empty = true;
    for (Object item : items) {
      text.append(empty ? "" : ",");
      empty = false;
      line(depth + 1);
      append(item, depth + 1);
    }
    close(empty, depth, ']');
  }

  private void close(boolean empty, int depth, char bracket) {
    if (!empty) {
      line(depth);
    }
    text.append(bracket);
  }

  private void line(int depth) {
    text.append('\n').append("  ".repeat(depth));
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (c < 0x20) {
            text.append("\\u%04x".formatted((int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }
}
