package dev.weir.sidecar.log;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Takes messages of one component; a line alone is a warning. A message says what, where, and what
 * is to be done. Any thread; waits for nothing.
 */
@FunctionalInterface
public interface Log extends Consumer<String> {
  /** How often something came again: a number in the facts of a message. */
  String REPEATS = "repeats";

  /**
   * @param facts that the text says too, by name: texts and whole numbers
   */
  default void say(Level level, String text, Map<String, Object> facts) {
    if (shows(level)) {
      accept(text);
    }
  }

  /** Whether anybody is told what has that level. */
  default boolean shows(Level level) {
    return level.compareTo(Levels.DEFAULT) >= 0;
  }

  default void error(String text) {
    say(Level.ERROR, text, Map.of());
  }

  default void info(String text) {
    say(Level.INFO, text, Map.of());
  }

  /**
   * @param text asked for if anybody is told
   */
  default void debug(Supplier<String> text) {
    if (shows(Level.DEBUG)) {
      say(Level.DEBUG, text.get(), Map.of());
    }
  }
}
