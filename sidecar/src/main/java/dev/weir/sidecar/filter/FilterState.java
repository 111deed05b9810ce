package dev.weir.sidecar.filter;

import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** Facts that filters of one stream share. Empty until the first is put. */
public final class FilterState {
  /** A key is itself, not its name. */
  public static final class Key<T> {
    private final String name;
    private final Class<T> type;

    public Key(String name, Class<T> type) {
      this.name = name;
      this.type = type;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private @Nullable IdentityHashMap<Key<?>, Object> values;

  public <T> void put(Key<T> key, T value) {
    IdentityHashMap<Key<?>, Object> all = values;
    if (all == null) {
      all = new IdentityHashMap<>(4);
      values = all;
    }
    all.put(key, value);
  }

  public <T> @Nullable T get(Key<T> key) {
    IdentityHashMap<Key<?>, Object> all = values;
    return all == null ? null : key.type.cast(all.get(key));
  }
}
