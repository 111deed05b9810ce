package dev.weir.control.model;

import java.util.Comparator;

/** A text in a ConfigMap. Prints as {@code key "jwks.json" of ConfigMap shop/issuer}. */
public record ConfigMapKey(ObjectName map, String key) implements Comparable<ConfigMapKey> {
  private static final Comparator<ConfigMapKey> ORDER =
      Comparator.comparing(ConfigMapKey::map).thenComparing(ConfigMapKey::key);

  @Override
  public int compareTo(ConfigMapKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "key \"" + key + "\" of ConfigMap " + map;
  }
}
