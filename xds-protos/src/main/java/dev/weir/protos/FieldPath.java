package dev.weir.protos;

import org.jspecify.annotations.Nullable;

/**
 * Where in a resource something is, as a person would write it: {@code
 * static_resources.listeners[0].metadata["a.b"]}. Immutable and cheap to extend; the text is made
 * when it is asked for. Any thread.
 */
public final class FieldPath {
  /** The resource as a whole; prints as the empty string. */
  public static final FieldPath ROOT = new FieldPath(null, "");

  private final @Nullable FieldPath parent;
  private final String segment;

  private FieldPath(@Nullable FieldPath parent, String segment) {
    this.parent = parent;
    this.segment = segment;
  }

  public FieldPath field(String name) {
    return new FieldPath(this, isRoot() ? name : "." + name);
  }

  public FieldPath index(int index) {
    return new FieldPath(this, "[" + index + "]");
  }

  /** An entry of a map. */
  public FieldPath key(String key) {
    return new FieldPath(this, "[\"" + key + "\"]");
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
    if (parent != null) {
      parent.append(text);
    }
    text.append(segment);
  }
}
