package dev.weir.control.cli.migrate.resource;

import dev.weir.control.model.schema.Span;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values that both sides write, each in its way. */
public final class Texts {
  private static final Pattern DURATION = Pattern.compile("([0-9]*\\.?[0-9]+)(ms|us|h|m|s)");

  private Texts() {}

  /** {@code 1.5s} and the like, as Go has it; fractions of a millisecond are rounded up. */
  public static Optional<String> duration(String text) {
    return parse(text).map(Span::print);
  }

  public static Optional<Duration> parse(String text) {
    Matcher parts = DURATION.matcher(text);
    double millis = 0;
    int end = 0;
    while (parts.find() && parts.start() == end) {
      end = parts.end();
      millis += Double.parseDouble(parts.group(1)) * unit(parts.group(2));
    }
    return end == 0 || end < text.length()
        ? Optional.empty()
        : Optional.of(Duration.ofMillis((long) Math.ceil(millis)));
  }

  private static double unit(String unit) {
    return switch (unit) {
      case "h" -> 3_600_000;
      case "m" -> 60_000;
      case "s" -> 1000;
      case "us" -> 0.001;
      default -> 1;
    };
  }

  /** A text as RE2 takes it for itself. */
  public static String quoted(String literal) {
    StringBuilder quoted = new StringBuilder();
    for (int i = 0; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if ("\\.+*?()|[]{}^$".indexOf(c) >= 0) {
        quoted.append('\\');
      }
      quoted.append(c);
    }
    return quoted.toString();
  }

  /** What a resource or a rule may be called. */
  public static String name(String text) {
    String name = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    name = name.replaceAll("^-+|-+$", "");
    name = name.length() > 63 ? name.substring(0, 63).replaceAll("-+$", "") : name;
    return name.isEmpty() ? "route" : name;
  }

  /**
   * A comparison of a value: {@code {exact: v}}, {@code {prefix: v}}, {@code {regex: v}}; {@code
   * {}} is any value.
   */
  public static Map<String, Object> comparison(String name, Fields match) {
    Map<String, Object> comparison = Output.fields();
    Optional<String> exact = match.text("exact");
    String expression =
        match
            .text("regex")
            .or(() -> match.text("prefix").map(prefix -> quoted(prefix) + ".*"))
            .orElse(".*");
    if (exact.isPresent()) {
      comparison.put("name", name);
      comparison.put("value", exact.get());
    } else {
      comparison.put("type", "RegularExpression");
      comparison.put("name", name);
      comparison.put("value", expression);
    }
    return comparison;
  }
}
