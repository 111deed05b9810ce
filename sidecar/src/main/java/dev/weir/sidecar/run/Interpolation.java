package dev.weir.sidecar.run;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Variables in a value, as compose has them: {@code $NAME}, {@code ${NAME}}, {@code
 * ${NAME:-default}}, {@code ${NAME:?why}}, {@code ${NAME:+instead}}, each of these without its
 * colon, and {@code $$} for a dollar.
 */
public final class Interpolation {
  private static final Pattern USE =
      Pattern.compile(
          "\\$(?:(\\$)|([A-Za-z_][A-Za-z0-9_]*)"
              + "|\\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?)([-?+])([^}]*))?\\}|(\\{[^}]*\\}?))");

  private Interpolation() {}

  /**
   * @throws IllegalArgumentException with what is wrong
   */
  public static String of(String value, Function<String, @Nullable String> variables) {
    return USE.matcher(value).replaceAll(use -> Matcher.quoteReplacement(one(use, variables)));
  }

  private static String one(
      java.util.regex.MatchResult use, Function<String, @Nullable String> variables) {
    if (use.group(1) != null) {
      return "$";
    }
    if (use.group(7) != null) {
      throw new IllegalArgumentException(
          "$" + use.group(7) + " is not a variable; write ${NAME}, or $$ for a dollar");
    }
    String name = use.group(2) != null ? use.group(2) : use.group(3);
    String known = variables.apply(name);
    if (use.group(5) == null) {
      return known == null ? "" : known;
    }
    boolean there = known != null && !(use.group(4).equals(":") && known.isEmpty());
    String word = use.group(6);
    return switch (use.group(5)) {
      case "-" -> there && known != null ? known : word;
      case "+" -> there ? word : "";
      default -> {
        if (!there || known == null) {
          throw new IllegalArgumentException(
              name + " is not set" + (word.isEmpty() ? "" : ": " + word));
        }
        yield known;
      }
    };
  }
}
