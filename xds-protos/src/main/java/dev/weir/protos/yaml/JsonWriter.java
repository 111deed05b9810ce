package dev.weir.protos.yaml;

import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.Iterator;

/** A tree as JSON, indented by one space as Envoy's admin prints it. */
public final class JsonWriter {
  private final StringBuilder out = new StringBuilder();

  private JsonWriter() {}

  public static String write(YamlNode node) {
    JsonWriter writer = new JsonWriter();
    writer.node(node, 0);
    return writer.out.append('\n').toString();
  }

  private void node(YamlNode node, int depth) {
    switch (node) {
      case Scalar scalar -> out.append(isText(scalar) ? quoted(scalar.text()) : scalar.text());
      case Sequence sequence -> {
        out.append('[');
        for (Iterator<YamlNode> items = sequence.items().iterator(); items.hasNext(); ) {
          newLine(depth + 1);
          node(items.next(), depth + 1);
          out.append(items.hasNext() ? "," : "");
        }
        close(sequence.items().isEmpty(), depth, ']');
      }
      case Mapping mapping -> {
        out.append('{');
        for (Iterator<Entry> entries = mapping.entries().iterator(); entries.hasNext(); ) {
          Entry entry = entries.next();
          newLine(depth + 1);
          out.append(quoted(entry.key())).append(": ");
          node(entry.value(), depth + 1);
          out.append(entries.hasNext() ? "," : "");
        }
        close(mapping.entries().isEmpty(), depth, '}');
      }
    }
  }

  private void close(boolean empty, int depth, char bracket) {
    if (!empty) {
      newLine(depth);
    }
    out.append(bracket);
  }

  private void newLine(int depth) {
    out.append('\n').repeat(' ', depth);
  }

  /** YAML has more spellings of null, booleans and numbers than JSON; those are quoted. */
  private static boolean isText(Scalar scalar) {
    return switch (scalar.kind()) {
      case STRING -> true;
      case NULL -> !scalar.text().equals("null");
      case BOOLEAN -> !scalar.text().equals("true") && !scalar.text().equals("false");
      case INTEGER, FLOAT ->
          !scalar.text().matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
    };
  }

  static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ' || (c >= 0x7f && c < 0xa0) || Character.isSurrogate(c) || c >= 0xfffe) {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"').toString();
  }
}
