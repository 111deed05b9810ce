package dev.weir.control.source.reader;

import dev.weir.control.model.schema.Percentage;
import dev.weir.control.model.schema.PortReference;
import dev.weir.control.model.schema.Rate;
import dev.weir.control.model.schema.Shape;
import dev.weir.control.model.schema.Span;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Scalar;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads single values; what does not fit is reported and null. */
final class ScalarReader {
  /** How true is written; the other booleans are false. */
  private static final Set<String> TRUE = Set.of("true", "yes", "y", "on");

  /** Below it, a floating point number that looks whole is. */
  private static final double MOST_EXACT = 1L << 53;

  private final Findings findings;

  ScalarReader(Findings findings) {
    this.findings = findings;
  }

  @Nullable Object value(Shape shape, YamlNode node, FieldPath path) {
    return switch (shape) {
      case Shape.Text text -> text(text, node, path);
      case Shape.Whole whole -> whole(whole, node, path);
      case Shape.Flag _ -> flag(node, path);
      case Shape.Choice choice -> choice(choice, node, path);
      case Shape.PortOrName _ -> portOrName(node, path);
      case Shape.Time time -> time(time, node, path);
      case Shape.Share share ->
          within(
              parsed(node, path, "a percentage such as \"20%\"", Percentage::parse),
              share.min(),
              share.max(),
              Percentage::toString,
              node,
              path);
      case Shape.Frequency frequency -> frequency(frequency, node, path);
      case Shape.Struct _, Shape.Union _, Shape.Many _, Shape.Table _ ->
          throw new IllegalArgumentException(shape + " has parts");
    };
  }

  private @Nullable Object time(Shape.Time shape, YamlNode node, FieldPath path) {
    Duration time =
        within(
            parsed(node, path, "a duration such as 2s", Span::parse),
            shape.min(),
            shape.max(),
            Span::print,
            node,
            path);
    if (time != null && time.toMillis() % shape.step().toMillis() != 0) {
      findings.error(node.at(), path, Span.print(time) + " is not " + shape.multiple());
      return null;
    }
    return time;
  }

  private @Nullable Object text(Shape.Text shape, YamlNode node, FieldPath path) {
    String text = string(node, path, "a text (in quotes)");
    if (text == null) {
      return null;
    }
    int length = text.codePointCount(0, text.length());
    if (length < shape.minLength() || length > shape.maxLength()) {
      findings.error(
          node.at(),
          path,
          "has %d characters; %s".formatted(length, range(shape.minLength(), shape.maxLength())));
      return null;
    }
    if (!shape.pattern().isEmpty() && !text.matches(shape.pattern())) {
      findings.error(
          node.at(),
          path,
          node.describe()
              + (shape.otherwise().isEmpty()
                  ? " does not match " + shape.pattern()
                  : " is " + shape.otherwise()));
      return null;
    }
    return text;
  }

  private @Nullable Object whole(Shape.Whole shape, YamlNode node, FieldPath path) {
    OptionalLong whole =
        node instanceof Scalar scalar
            ? switch (scalar.kind()) {
              case INTEGER -> digits(scalar.text());
              case FLOAT -> wholeFloat(scalar.text());
              case NULL, BOOLEAN, STRING -> OptionalLong.empty();
            }
            : OptionalLong.empty();
    if (whole.isEmpty()) {
      return expected("a whole number", node, path);
    }
    long value = whole.getAsLong();
    if (value < shape.min() || value > shape.max()) {
      findings.error(
          node.at(), path, value + " is out of range; " + range(shape.min(), shape.max()));
      return null;
    }
    return Math.toIntExact(value);
  }

  private static OptionalLong digits(String text) {
    return text.matches("-?[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  /** {@code 2.0} and {@code 1e1} are as good as 2 and 10, which Kubernetes makes of them. */
  private static OptionalLong wholeFloat(String text) {
    if (!text.matches("[-+.0-9eE]+")) {
      return OptionalLong.empty(); // .inf, .nan
    }
    double value = Double.parseDouble(text);
    return Math.rint(value) == value && Math.abs(value) < MOST_EXACT
        ? OptionalLong.of((long) value)
        : OptionalLong.empty();
  }

  private @Nullable Object flag(YamlNode node, FieldPath path) {
    if (node instanceof Scalar scalar && scalar.kind() == Kind.BOOLEAN) {
      return TRUE.contains(scalar.text().toLowerCase(Locale.ROOT));
    }
    return expected("true or false", node, path);
  }

  private @Nullable Object choice(Shape.Choice choice, YamlNode node, FieldPath path) {
    String words = String.join(", ", choice.values().keySet());
    String text = string(node, path, "one of " + words);
    if (text == null) {
      return null;
    }
    Shape.Later later = choice.planned().get(text);
    if (later != null) {
      findings.error(node.at(), path, "\"" + text + "\" is " + later.message());
      return null;
    }
    Enum<?> value = choice.values().get(text);
    if (value == null) {
      findings.error(
          node.at(),
          path,
          "\"" + text + "\" is none of " + words + Nearest.hint(text, choice.values().keySet()));
    }
    return value;
  }

  private @Nullable Object portOrName(YamlNode node, FieldPath path) {
    if (node instanceof Scalar scalar
        && (scalar.kind() == Kind.INTEGER || scalar.kind() == Kind.STRING)) {
      return new PortReference(scalar.text());
    }
    return expected("a port's number or name", node, path);
  }

  private @Nullable Object frequency(Shape.Frequency shape, YamlNode node, FieldPath path) {
    Rate rate = parsed(node, path, "a rate such as 10/s", Rate::parse);
    if (rate != null && rate.perSecond() < shape.min().perSecond()) {
      findings.error(node.at(), path, rate + " is below " + shape.min());
      return null;
    }
    return rate;
  }

  private <V> @Nullable V parsed(
      YamlNode node, FieldPath path, String what, Function<String, V> parse) {
    String text = string(node, path, what);
    if (text == null) {
      return null;
    }
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      findings.error(node.at(), path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private <V extends Comparable<V>> @Nullable V within(
      @Nullable V value, V min, V max, Function<V, String> print, YamlNode node, FieldPath path) {
    if (value != null && (value.compareTo(min) < 0 || value.compareTo(max) > 0)) {
      findings.error(
          node.at(),
          path,
          "%s is out of range; %s to %s is allowed"
              .formatted(print.apply(value), print.apply(min), print.apply(max)));
      return null;
    }
    return value;
  }

  private @Nullable String string(YamlNode node, FieldPath path, String what) {
    if (node instanceof Scalar scalar && scalar.kind() == Kind.STRING) {
      return scalar.text();
    }
    expected(what, node, path);
    return null;
  }

  /** Says what was expected instead of {@code node}. */
  @Nullable Object expected(String what, YamlNode node, FieldPath path) {
    findings.error(node.at(), path, "expected " + what + ", not " + node.describe());
    return null;
  }

  static String range(long min, long max) {
    return min + " to " + max + (max == 1 ? " is allowed" : " are allowed");
  }
}
