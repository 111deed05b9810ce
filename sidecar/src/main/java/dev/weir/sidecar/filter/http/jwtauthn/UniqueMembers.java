package dev.weir.sidecar.filter.http.jwtauthn;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Whether each object of a JSON text has each member once. Readers differ in which of two they
 * take, so that an app might see another claim than the one that was looked at (RFC 8725, 2.4). The
 * text is JSON: it is read by a library too.
 */
final class UniqueMembers {
  private UniqueMembers() {}

  static boolean areNot(String json) {
    Deque<Set<String>> open = new ArrayDeque<>();
    Deque<Boolean> objects = new ArrayDeque<>();
    boolean expectsName = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      switch (c) {
        case '{' -> {
          open.push(new HashSet<>());
          objects.push(true);
          expectsName = true;
        }
        case '[' -> {
          open.push(Set.of());
          objects.push(false);
          expectsName = false;
        }
        case '}', ']' -> {
          if (open.isEmpty()) {
            return true;
          }
          open.pop();
          objects.pop();
          expectsName = false;
        }
        case ',' -> expectsName = !objects.isEmpty() && objects.peek();
        case '"' -> {
          int end = end(json, i);
          if (end < 0) {
            return true;
          }
          if (expectsName) {
            if (!open.element().add(unescaped(json.substring(i + 1, end)))) {
              return true;
            }
            expectsName = false;
          }
          i = end;
        }
        default -> {}
      }
    }
    return !open.isEmpty();
  }

  private static int end(String json, int start) {
    for (int i = start + 1; i < json.length(); i++) {
      if (json.charAt(i) == '\\') {
        i++;
      } else if (json.charAt(i) == '"') {
        return i;
      }
    }
    return -1;
  }

  /** The same name can be spelled in more than one way. */
  private static String unescaped(String name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c != '\\' || i + 1 >= name.length()) {
        text.append(c);
        continue;
      }
      char escaped = name.charAt(++i);
      if (escaped == 'u' && i + 4 < name.length()) {
        try {
          text.append((char) Integer.parseInt(name.substring(i + 1, i + 5), 16));
          i += 4;
        } catch (NumberFormatException e) {
          text.append(escaped);
        }
      } else {
        text.append(
            switch (escaped) {
              case 'n' -> '\n';
              case 't' -> '\t';
              case 'r' -> '\r';
              case 'b' -> '\b';
              case 'f' -> '\f';
              default -> escaped;
            });
      }
    }
    return text.toString();
  }
}
