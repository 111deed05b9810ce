package dev.weir.protos.yaml;

import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.List;
import java.util.regex.Pattern;

/** A tree as block-style YAML that YAML 1.1 and 1.2 read alike. */
public final class YamlWriter {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./-]*");
  private static final Pattern YAML_1_1_WORD =
      Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null");

  private final StringBuilder out = new StringBuilder();

  private YamlWriter() {}

  public static String write(YamlNode node) {
    YamlWriter writer = new YamlWriter();
    writer.block(node, 0);
    return writer.out.toString();
  }

  /** Writes from the current column on, which is {@code indent}, to the end of a line. */
  private void block(YamlNode node, int indent) {
    switch (node) {
      case Scalar scalar -> out.append(text(scalar)).append('\n');
      case Sequence(_, List<YamlNode> items) when items.isEmpty() -> out.append("[]\n");
      case Mapping(_, List<Entry> entries) when entries.isEmpty() -> out.append("{}\n");
      case Sequence(_, List<YamlNode> items) -> {
        String margin = "";
        for (YamlNode item : items) {
          out.append(margin).append("- ");
          block(item, indent + 2);
          margin = " ".repeat(indent);
        }
      }
      case Mapping(_, List<Entry> entries) -> {
        String margin = "";
        for (Entry entry : entries) {
          out.append(margin).append(key(entry.key())).append(':');
          value(entry.value(), indent);
          margin = " ".repeat(indent);
        }
      }
    }
  }

  private void value(YamlNode value, int indent) {
    switch (value) {
      case Sequence(_, List<YamlNode> items) when !items.isEmpty() -> {
        out.append('\n').repeat(' ', indent);
        block(value, indent);
      }
      case Mapping(_, List<Entry> entries) when !entries.isEmpty() -> {
        out.append('\n').repeat(' ', indent + 2);
        block(value, indent + 2);
      }
      case Scalar _, Sequence _, Mapping _ -> {
        out.append(' ');
        block(value, indent);
      }
    }
  }

  private static String text(Scalar scalar) {
    return scalar.kind() == Kind.STRING ? key(scalar.text()) : scalar.text();
  }

  private static String key(String text) {
    return PLAIN.matcher(text).matches() && !YAML_1_1_WORD.matcher(text).matches()
        ? text
        : JsonWriter.quoted(text);
  }
}
