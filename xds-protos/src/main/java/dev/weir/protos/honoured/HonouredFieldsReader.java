package dev.weir.protos.honoured;

import dev.weir.protos.honoured.HonouredFields.Fields;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the list line by line: of YAML just the forms that it has, since every start waits for it.
 * Another form is an error, with its line.
 */
final class HonouredFieldsReader {
  private static final String HONOURED = "  honoured:";
  private static final String ACCEPTED = "  accepted:";
  private static final String ITEM = "  - ";
  private static final String REASON = "    ";
  private static final String EMPTY = " {}";

  private final String name;
  private final Map<String, Fields> byMessage = new LinkedHashMap<>(512);

  /** Of the message that is being read. */
  private Set<String> honoured = new LinkedHashSet<>();

  private Map<String, String> accepted = new LinkedHashMap<>();

  /** Which of the two a line that is further in belongs to. */
  private @Nullable String part;

  private HonouredFieldsReader(String name) {
    this.name = name;
  }

  /**
   * By message, in the order of the file.
   *
   * @param name what errors call the file
   */
  static Map<String, Fields> read(String name, String text) {
    HonouredFieldsReader reader = new HonouredFieldsReader(name);
    int number = 1;
    for (int from = 0; from < text.length(); number++) {
      int end = text.indexOf('\n', from);
      end = end < 0 ? text.length() : end;
      reader.line(text.substring(from, end), number);
      from = end + 1;
    }
    return reader.byMessage;
  }

  private void line(String line, int number) {
    if (line.isBlank() || line.charAt(0) == '#') {
      return;
    }
    if (!taken(line)) {
      throw new IllegalStateException(name + ":" + number + ": is none of the forms of this file");
    }
  }

  private boolean taken(String line) {
    if (line.charAt(0) != ' ') {
      return message(line);
    }
    if (byMessage.isEmpty()) {
      return false;
    }
    if (line.startsWith(HONOURED)) {
      part = HONOURED;
      return line.length() == HONOURED.length() || list(line.substring(HONOURED.length()));
    }
    if (line.startsWith(ACCEPTED)) {
      part = ACCEPTED;
      return line.length() == ACCEPTED.length();
    }
    if (line.startsWith(ITEM)) {
      return HONOURED.equals(part) && honoured.add(line.substring(ITEM.length()));
    }
    return ACCEPTED.equals(part) && line.startsWith(REASON) && reason(line);
  }

  private boolean message(String line) {
    String key = line.endsWith(EMPTY) ? line.substring(0, line.length() - EMPTY.length()) : line;
    honoured = new LinkedHashSet<>();
    accepted = new LinkedHashMap<>();
    part = null;
    Fields fields =
        new Fields(Collections.unmodifiableSet(honoured), Collections.unmodifiableMap(accepted));
    return key.endsWith(":") && byMessage.put(key.substring(0, key.length() - 1), fields) == null;
  }

  /** {@code [one, another]}. */
  private boolean list(String items) {
    if (!items.startsWith(" [") || !items.endsWith("]")) {
      return false;
    }
    int from = 2;
    int last = items.length() - 1;
    while (from < last) {
      int comma = items.indexOf(',', from);
      int end = comma < 0 ? last : comma;
      if (!honoured.add(items.substring(from, end).strip())) {
        return false;
      }
      from = end + 1;
    }
    return true;
  }

  /** {@code field: Why.}, the reason in quotes if it has a colon. */
  private boolean reason(String line) {
    int colon = line.indexOf(": ");
    if (colon < 0) {
      return false;
    }
    String reason = line.substring(colon + 2);
    boolean quoted = reason.startsWith("\"");
    if (quoted && (!reason.endsWith("\"") || reason.indexOf('\\') >= 0)
        || !quoted && (reason.contains(": ") || reason.contains(" #"))) {
      return false;
    }
    return accepted.put(
            line.substring(REASON.length(), colon),
            quoted ? reason.substring(1, reason.length() - 1) : reason)
        == null;
  }
}
