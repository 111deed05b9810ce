package dev.weir.sidecar.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A file of variables as compose takes it: {@code KEY=VALUE} lines, comments, quotes, {@code
 * ${OTHER:-default}} in what is not in single quotes. See
 * https://docs.docker.com/reference/compose-file/services/#env_file-format.
 */
public final class EnvFile {
  private static final String KEY = "[A-Za-z_][A-Za-z0-9_.-]*";

  /** Whether a variable may have it. */
  public static boolean isName(String text) {
    return text.matches(KEY);
  }

  private final String file;
  private final String text;
  private final Function<String, @Nullable String> around;
  private final Map<String, String> variables = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();
  private int position;
  private int line = 1;

  private EnvFile(String file, String text, Function<String, @Nullable String> around) {
    this.file = file;
    this.text = text.replace("\r\n", "\n");
    this.around = around;
  }

  /**
   * What a file says.
   *
   * @param problems {@code file:line: what}, each
   */
  public record Read(Map<String, String> variables, List<String> problems) {
    public Read {
      variables = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(variables));
      problems = List.copyOf(problems);
    }
  }

  /**
   * @param around the variables that values may use beside those of the file
   */
  public static Read read(String file, String text, Function<String, @Nullable String> around) {
    EnvFile reader = new EnvFile(file, text, around);
    while (reader.position < reader.text.length()) {
      reader.readLine();
    }
    return new Read(reader.variables, reader.problems);
  }

  private void readLine() {
    int begin = line;
    String head = text.substring(position, lineEnd());
    String stripped = head.strip();
    if (stripped.isEmpty() || stripped.startsWith("#")) {
      next();
      return;
    }
    int equals = head.indexOf('=');
    String key = (equals < 0 ? head : head.substring(0, equals)).strip();
    key = key.startsWith("export ") ? key.substring("export ".length()).strip() : key;
    if (!isName(key)) {
      problem(begin, "\"" + key + "\" is not a variable's name; write the line as KEY=VALUE");
      next();
    } else if (equals < 0) {
      inherit(key, begin);
      next();
    } else {
      position += equals + 1;
      value(key, begin);
    }
  }

  private int lineEnd() {
    int end = text.indexOf('\n', position);
    return end < 0 ? text.length() : end;
  }

  private void next() {
    position = lineEnd() + 1;
    line++;
  }

  private void problem(int where, String what) {
    problems.add(file + ":" + where + ": " + what);
  }

  /** A name alone is that of a variable around. */
  private void inherit(String key, int where) {
    String value = around.apply(key);
    if (value == null) {
      problem(where, key + " has no value: it is not set here; write " + key + "=VALUE");
    } else {
      variables.put(key, value);
    }
  }

  private void value(String key, int begin) {
    while (position < text.length()
        && (text.charAt(position) == ' ' || text.charAt(position) == '\t')) {
      position++;
    }
    char first = position < text.length() ? text.charAt(position) : '\n';
    if (first == '"' || first == '\'') {
      quoted(key, first, begin);
    } else {
      plain(key, begin);
    }
  }

  /** To the end of the line, or to a comment, which has a space before it. */
  private void plain(String key, int begin) {
    String rest = text.substring(position, lineEnd());
    for (int at = 0; at < rest.length(); at++) {
      if (rest.charAt(at) == '#' && (at == 0 || Character.isWhitespace(rest.charAt(at - 1)))) {
        rest = rest.substring(0, at);
      }
    }
    put(key, rest.strip(), begin);
    next();
  }

  /** It may go over several lines. */
  private void quoted(String key, char quote, int begin) {
    StringBuilder value = new StringBuilder();
    int at = position + 1;
    while (at < text.length() && text.charAt(at) != quote) {
      char letter = text.charAt(at);
      if (letter == '\\' && at + 1 < text.length()) {
        at++;
        value.append(escaped(text.charAt(at), quote));
      } else {
        value.append(letter);
      }
      at++;
    }
    if (at >= text.length()) {
      problem(begin, key + ": the value begins with " + quote + " and does not end with one");
      next();
      return;
    }
    line += (int) text.substring(position, at).chars().filter(letter -> letter == '\n').count();
    position = at + 1;
    String rest = text.substring(position, lineEnd()).strip();
    if (!rest.isEmpty() && !rest.startsWith("#")) {
      problem(line, key + ": after the value in quotes comes \"" + rest + "\"; take it into them");
    } else if (quote == '"') {
      put(key, value.toString(), begin);
    } else {
      variables.put(key, value.toString());
    }
    next();
  }

  private static String escaped(char letter, char quote) {
    if (letter == quote) {
      return String.valueOf(quote);
    }
    return quote == '\''
        ? "\\" + letter
        : switch (letter) {
          case 'n' -> "\n";
          case 'r' -> "\r";
          case 't' -> "\t";
          case '\\' -> "\\";
          case '$' -> "$$";
          default -> "\\" + letter;
        };
  }

  private void put(String key, String value, int where) {
    try {
      variables.put(key, Interpolation.of(value, this::known));
    } catch (IllegalArgumentException e) {
      problem(where, key + ": " + e.getMessage());
    }
  }

  private @Nullable String known(String name) {
    String own = variables.get(name);
    return own == null ? around.apply(name) : own;
  }
}
