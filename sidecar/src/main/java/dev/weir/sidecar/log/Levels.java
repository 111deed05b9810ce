package dev.weir.sidecar.log;

import java.util.EnumMap;
import java.util.Map;

/** From which level on each component's messages are told. Any thread. */
public final class Levels {
  public static final Level DEFAULT = Level.INFO;

  /** Not changed once it is here. */
  private volatile Map<Component, Level> levels;

  public Levels(Level all) {
    levels = of(all);
  }

  boolean pass(Component component, Level level) {
    return level.compareTo(of(component)) >= 0;
  }

  public Level of(Component component) {
    return levels.getOrDefault(component, DEFAULT);
  }

  private static Map<Component, Level> of(Level all) {
    Map<Component, Level> levels = new EnumMap<>(Component.class);
    for (Component component : Component.values()) {
      levels.put(component, all);
    }
    return levels;
  }

  /** Of all components. */
  public synchronized void set(Level all) {
    levels = of(all);
  }

  /**
   * Of those that {@code pairs} names, {@code dns:debug,config:trace}: of all of them or, if there
   * is a mistake in it, of none.
   *
   * @throws IllegalArgumentException what the mistake is
   */
  public synchronized void set(String pairs) {
    Map<Component, Level> wanted = new EnumMap<>(levels);
    for (String pair : pairs.split(",", -1)) {
      int colon = pair.indexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException(
            "\"" + pair + "\" is no component and level, as dns:debug");
      }
      wanted.put(Component.parse(pair.substring(0, colon)), Level.parse(pair.substring(colon + 1)));
    }
    levels = wanted;
  }

  /** As Envoy's admin page shows them. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("active loggers:\n");
    for (Component component : Component.values()) {
      text.append("  ").append(component).append(": ").append(of(component)).append('\n');
    }
    return text.toString();
  }
}
