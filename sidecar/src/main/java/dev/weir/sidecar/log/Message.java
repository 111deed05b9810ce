package dev.weir.sidecar.log;

import java.time.Instant;
import java.util.Map;

/**
 * One message.
 *
 * @param text one line
 * @param facts that the text says too, by name: texts and whole numbers
 */
record Message(
    Instant time, Level level, Component component, String text, Map<String, Object> facts) {
  /** Of a text; what is longer is cut. */
  static final int MOST_TEXT = 8 << 10;

  Message {
    text = line(text);
    facts = Map.copyOf(facts);
  }

  private static String line(String text) {
    String cut = text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "...";
    return cut.indexOf('\n') < 0 && cut.indexOf('\r') < 0
        ? cut
        : cut.strip().replace('\n', ' ').replace('\r', ' ');
  }

  boolean saysTheSame(Message other) {
    return component == other.component
        && level == other.level
        && text.equals(other.text)
        && facts.equals(other.facts);
  }
}
