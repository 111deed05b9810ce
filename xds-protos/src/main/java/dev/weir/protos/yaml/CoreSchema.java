package dev.weir.protos.yaml;

import dev.weir.protos.yaml.YamlNode.Kind;
import java.util.regex.Pattern;

/** What a plain scalar is, by YAML 1.2's core schema. */
final class CoreSchema {
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"
              + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

  private CoreSchema() {}

  static Kind kindOf(String plain) {
    return switch (plain) {
      case "", "~", "null", "Null", "NULL" -> Kind.NULL;
      case "true", "True", "TRUE", "false", "False", "FALSE" -> Kind.BOOLEAN;
      default -> numberOrString(plain);
    };
  }

  private static Kind numberOrString(String plain) {
    char first = plain.charAt(0);
    if (first > '9' || (first < '0' && first != '-' && first != '+' && first != '.')) {
      return Kind.STRING;
    }
    if (INTEGER.matcher(plain).matches()) {
      return Kind.INTEGER;
    }
    return FLOAT.matcher(plain).matches() ? Kind.FLOAT : Kind.STRING;
  }
}
