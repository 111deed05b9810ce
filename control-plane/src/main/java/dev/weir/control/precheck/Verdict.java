package dev.weir.control.precheck;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What came of one look.
 *
 * @param subject what was looked at, in a word or two
 * @param text what is there and, unless it is well, what to do
 */
public record Verdict(Level level, String subject, String text) {
  /** How it is. */
  public enum Level {
    OK("ok"),
    /** Weir can be installed; something will not work as one may expect. */
    WARNING("warning"),
    /** Weir cannot be installed, or would not work. */
    FAILURE("failure");

    private final String word;

    Level(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  static Verdict ok(String subject, String text) {
    return new Verdict(Level.OK, subject, text);
  }

  static Verdict warning(String subject, String text) {
    return new Verdict(Level.WARNING, subject, text);
  }

  static Verdict failure(String subject, String text) {
    return new Verdict(Level.FAILURE, subject, text);
  }

  /** For programs. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("level", level.toString());
    fields.put("subject", subject);
    fields.put("text", text);
    return fields;
  }
}
