package dev.weir.protos;

import org.jspecify.annotations.Nullable;

/**
 * Where in a resource something is, as a person would write it: {@code
 * static_resources.listeners[0].metadata["a.b"]}. Immutable and cheap to extend; the text is made
 * when it is asked for. Any thread.
 */
public final class FieldPath {
  /** What {@code index} is where the segment is no index. */
  private static final int FIELD = -1;

  private static final int KEY = -2;

  /** The resource as a whole; prints as the empty string. */
  public static final FieldPath ROOT = new FieldPath(null, "", FIELD);

  private final @Nullable FieldPath parent;
  private final String name;
  private final int index;

  private FieldPath(@Nullable FieldPath parent, String name, int index) {
    this.parent = parent;
    this.name = name;
    this.index = index;
  }

  public FieldPath field(String name) {
    return new FieldPath(this, name, FIELD);
  }

  public FieldPath index(int index) {
    return new FieldPath(this, "", index);
  }

  /** An entry of a map. */
  public FieldPath key(String key) {
    return new FieldPath(this, key, KEY);
  }

  public boolean isRoot() {
    return parent == null;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    append(text);
    return text.toString();
  }

  private void append(StringBuilder text) {
    if (parent == null) {
      return;
    }
    parent.append(text);
    switch (index) {
      case FIELD -> text.append(text.isEmpty() ? "" : ".").append(name);
      case KEY -> text.append("[\"").append(name).append("\"]");
      default -> text.append('[').append(index).append(']');
    }
  }
}
