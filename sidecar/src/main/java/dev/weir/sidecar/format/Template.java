package dev.weir.sidecar.format;

import dev.weir.sidecar.http.StreamInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Text with command operators, compiled. */
public final class Template {
  /** A literal, as it stands in text and within the quotes of a JSON string; or an operator. */
  private record Part(byte[] literal, byte[] json, @Nullable Operator operator) {
    static Part of(String literal) {
      return new Part(
          literal.getBytes(StandardCharsets.UTF_8),
          JsonTemplate.escape(literal).getBytes(StandardCharsets.UTF_8),
          null);
    }

    static Part of(Operator operator) {
      return new Part(new byte[0], new byte[0], operator);
    }
  }

  private final List<Part> parts;

  private Template(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /**
   * @throws IllegalArgumentException that says which operator is unknown or malformed
   */
  public static Template compile(String text) {
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c != '%') {
        literal.append(c);
        i++;
        continue;
      }
      if (i + 1 < text.length() && text.charAt(i + 1) == '%') {
        literal.append('%');
        i += 2;
        continue;
      }
      int end = operatorEnd(text, i + 1);
      flush(literal, parts);
      parts.add(Part.of(operator(text.substring(i + 1, end))));
      i = end + 1;
    }
    flush(literal, parts);
    return new Template(parts);
  }

  private static void flush(StringBuilder literal, List<Part> parts) {
    if (!literal.isEmpty()) {
      parts.add(Part.of(literal.toString()));
      literal.setLength(0);
    }
  }

  /** The closing {@code %}; one inside parentheses does not close. */
  private static int operatorEnd(String text, int start) {
    boolean inside = false;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '(') {
        inside = true;
      } else if (c == ')') {
        inside = false;
      } else if (c == '%' && !inside) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "a % without its end at character "
            + (start - 1)
            + " of \""
            + text
            + "\"; a literal % is written %%");
  }

  private static Operator operator(String text) {
    int open = text.indexOf('(');
    int close = text.lastIndexOf(')');
    if (open < 0 != close < 0 || close < open) {
      throw new IllegalArgumentException("%" + text + "% has unbalanced parentheses");
    }
    String name = open < 0 ? text : text.substring(0, open);
    String argument = open < 0 ? null : text.substring(open + 1, close);
    String rest = open < 0 ? "" : text.substring(close + 1);
    int colon = open < 0 ? name.indexOf(':') : rest.indexOf(':');
    int limit = 0;
    if (colon >= 0) {
      String digits = open < 0 ? name.substring(colon + 1) : rest.substring(colon + 1);
      if (digits.isEmpty() || digits.length() > 6 || !digits.chars().allMatch(Character::isDigit)) {
        throw new IllegalArgumentException(
            "%" + text + "%: the length after the colon is not a number");
      }
      limit = Integer.parseInt(digits);
      name = open < 0 ? name.substring(0, colon) : name;
    }
    return Operators.compile(name, argument, limit);
  }

  /** True if it is a literal alone. */
  public boolean constant() {
    return parts.stream().allMatch(part -> part.operator() == null);
  }

  /** Appends the text for a log; an absent value is {@code -}. */
  public void write(StreamInfo info, ByteSink out) {
    write(info, out, true);
  }

  /**
   * The text for a log, of UTF-8; what is none is replaced.
   *
   * @param most bytes; what is longer is cut
   * @param scratch empty, and is left so
   */
  public String text(StreamInfo info, int most, ByteSink scratch) {
    write(info, scratch);
    String text =
        new String(scratch.bytes(), 0, Math.min(most, scratch.length()), StandardCharsets.UTF_8);
    scratch.truncate(0);
    return text;
  }

  /** Appends the text for a header; an absent value is nothing. */
  void writeValue(StreamInfo info, ByteSink out) {
    write(info, out, false);
  }

  private void write(StreamInfo info, ByteSink out, boolean dash) {
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      Operator operator = part.operator();
      if (operator == null) {
        out.put(part.literal());
      } else if (!operator.write(info, out) && dash) {
        out.put((byte) '-');
      }
    }
  }

  /** Appends a JSON value: a lone operator keeps its type and is null where it has no value. */
  void writeJson(StreamInfo info, ByteSink out) {
    Operator lone = parts.size() == 1 ? parts.getFirst().operator() : null;
    if (lone != null) {
      if (!lone.writeJson(info, out)) {
        out.put("null");
      }
      return;
    }
    out.put((byte) '"');
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      Operator operator = part.operator();
      int start = out.length();
      if (operator == null) {
        out.put(part.json());
      } else if (operator.write(info, out)) {
        out.escapeJson(start);
      } else {
        out.put((byte) '-');
      }
    }
    out.put((byte) '"');
  }
}
