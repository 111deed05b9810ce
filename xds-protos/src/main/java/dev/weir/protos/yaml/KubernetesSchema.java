package dev.weir.protos.yaml;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Scalar;
import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a plain scalar is to Kubernetes' tools and its API server, which read it by go-yaml v2, for
 * the most part YAML 1.1: {@code yes}, {@code y} and {@code on} are booleans, {@code 010} is eight,
 * {@code 1_0} is ten.
 */
final class KubernetesSchema {
  private static final Pattern BOOLEAN =
      Pattern.compile(
          "y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE");
  private static final Pattern INTEGER =
      Pattern.compile(
          "([-+]?)(?:0[xX](?<hex>[0-9a-fA-F]+)|0[oO]?(?<octal>[0-7]+)|0[bB](?<binary>[01]+)"
              + "|(?<decimal>0|[1-9][0-9]*))");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"
              + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

  private KubernetesSchema() {}

  /** The scalar; of an integer the text is in decimal digits. */
  static Scalar scalar(Location at, String plain) {
    return switch (plain) {
      case "", "~", "null", "Null", "NULL" -> new Scalar(at, plain, Kind.NULL);
      default ->
          BOOLEAN.matcher(plain).matches()
              ? new Scalar(at, plain, Kind.BOOLEAN)
              : numberOrString(at, plain);
    };
  }

  private static Scalar numberOrString(Location at, String plain) {
    char first = plain.charAt(0);
    if (first == '-' || first == '+' || first == '.' || (first >= '0' && first <= '9')) {
      String number = first == '.' ? plain : plain.replace("_", "");
      Matcher integer = INTEGER.matcher(number);
      if (integer.matches()) {
        return new Scalar(at, decimal(integer), Kind.INTEGER);
      }
      if (FLOAT.matcher(number).matches()) {
        return new Scalar(at, number, Kind.FLOAT);
      }
    }
    return new Scalar(at, plain, Kind.STRING);
  }

  private static String decimal(Matcher integer) {
    String sign = integer.group(1).equals("-") ? "-" : "";
    String decimal = integer.group("decimal");
    return sign
        + (decimal != null
            ? decimal
            : integer.group("hex") != null
                ? new BigInteger(integer.group("hex"), 16)
                : integer.group("octal") != null
                    ? new BigInteger(integer.group("octal"), 8)
                    : new BigInteger(integer.group("binary"), 2));
  }
}
