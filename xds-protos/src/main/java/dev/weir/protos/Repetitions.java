package dev.weir.protos;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bounds what a regular expression grows to: as RE2 in C++ and Go, and so real Envoy, it may repeat
 * a part a thousand times, the counts of nested repetitions multiplied. RE2/J knows the limit for a
 * single count only, and takes gigabytes to compile {@code ((a{1000}){1000}){1000}}.
 */
public final class Repetitions {
  private static final long MOST = 1000;

  private static final Pattern COUNT = Pattern.compile("\\{([0-9]{1,9})(,([0-9]{0,9}))?}");

  private final String expression;
  private int at;

  private Repetitions(String expression) {
    this.expression = expression;
  }

  /** Whether {@code expression}, which need not be a right one, repeats a part more often. */
  public static boolean tooMany(String expression) {
    return new Repetitions(expression).most() > MOST;
  }

  /** Of the parts of the expression, how often the one that is repeated most often is. */
  private long most() {
    Deque<Long> outer = new ArrayDeque<>();
    long most = 1; // in the group that is open
    long part = 1; // of the part before
    while (at < expression.length()) {
      char c = expression.charAt(at);
      Matcher count = COUNT.matcher(expression).region(at, expression.length());
      if (c == '{' && count.lookingAt()) {
        part = Math.min(part * times(count), MOST + 1);
        at = count.end();
      } else if (c == '(') {
        outer.push(most);
        most = 1;
        part = 1;
        at++;
      } else if (c == ')' && !outer.isEmpty()) {
        part = most;
        most = outer.pop();
        at++;
      } else if (c == '*' || c == '+' || c == '?') {
        at++;
      } else {
        skipAtom(c);
        part = 1;
      }
      most = Math.max(most, part);
    }
    while (!outer.isEmpty()) {
      most = Math.max(most, outer.pop());
    }
    return most;
  }

  private static long times(Matcher count) {
    String upTo = count.group(3);
    return Math.max(1, Long.parseLong(upTo == null || upTo.isEmpty() ? count.group(1) : upTo));
  }

  /** A character, an escape, a quoted text or a class: braces in it mean themselves. */
  private void skipAtom(char first) {
    if (first == '\\') {
      int quoted = expression.startsWith("\\Q", at) ? expression.indexOf("\\E", at) : -1;
      at = quoted >= 0 ? quoted + 2 : at + 2;
      if (expression.startsWith("{", at) && "pPx".indexOf(expression.charAt(at - 1)) >= 0) {
        at = Math.max(at, expression.indexOf('}', at) + 1); // \p{Greek}, \x{10FFFF}
      }
    } else if (first == '[') {
      at++;
      if (expression.startsWith("^", at)) {
        at++;
      }
      if (expression.startsWith("]", at)) {
        at++;
      }
      while (at < expression.length() && expression.charAt(at) != ']') {
        at += expression.charAt(at) == '\\' ? 2 : 1;
      }
      at++;
    } else {
      at++;
    }
  }
}
