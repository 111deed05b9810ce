package dev.weir.sidecar.log;

import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.TreeMap;

/** How a message is written, a line each. */
public enum LogFormat {
  /** For people: who says it, and what. */
  TEXT {
    @Override
    String line(String program, Message message, long repeats) {
      return program
          + ": "
          + message.text()
          + (repeats == 0 ? "" : " (" + repeats + " times more)");
    }
  },

  /** An object: time, level, component, message, and what facts there are. */
  JSON {
    @Override
    String line(String program, Message message, long repeats) {
      JsonLine line = new JsonLine();
      line.put(
          "time",
          DateTimeFormatter.ISO_INSTANT.format(message.time().truncatedTo(ChronoUnit.MILLIS)));
      line.put("level", message.level().toString());
      line.put("component", message.component().toString());
      line.put("message", unmarked(message));
      if (repeats > 0 && !message.facts().containsKey(Log.REPEATS)) {
        line.put(Log.REPEATS, repeats);
      }
      new TreeMap<>(message.facts()).forEach(line::put);
      return line.end();
    }
  };

  private static final String MARK = "warning: ";

  /** What people read as a warning by its text is one by its level here. */
  private static String unmarked(Message message) {
    return message.level() == Level.WARNING && message.text().startsWith(MARK)
        ? message.text().substring(MARK.length())
        : message.text();
  }

  /**
   * @param program as people call it
   * @param repeats how often it came again; 0: it comes the first time
   */
  abstract String line(String program, Message message, long repeats);
}
