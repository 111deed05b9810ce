package dev.weir.control.snapshot;

import dev.weir.control.snapshot.Layer.Changes;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All resources of one type that a proxy may have: what it has in common with others, and its own,
 * which have other names. Immutable. Control thread.
 */
public final class View {
  public static final View EMPTY = new View(Layer.EMPTY, Layer.EMPTY);

  private final Layer common;
  private final Layer own;
  private final String version;

  View(Layer common, Layer own) {
    this.common = common;
    this.own = own;
    this.version = ContentHash.text(common.hash() ^ own.hash());
  }

  /** What differs between two views. */
  public interface Difference {
    /** It was not there, or in the version {@code before}. */
    void changed(Versioned now, @Nullable Versioned before);

    void gone(Versioned before);
  }

  /** The hash of all resources. */
  public String version() {
    return version;
  }

  public @Nullable Versioned get(String name) {
    Versioned resource = common.get(name);
    return resource != null ? resource : own.get(name);
  }

  public void forEach(Consumer<Versioned> action) {
    common.all().forEach(action);
    own.all().forEach(action);
  }

  /** Tells how this differs from {@code before}, at a cost that follows the difference. */
  public void since(View before, Difference difference) {
    tell(common, before.common, difference);
    tell(own, before.own, difference);
  }

  private static void tell(Layer now, Layer before, Difference difference) {
    if (now != before) {
      Changes changes = now.since(before);
      changes.changed().forEach(one -> difference.changed(one, before.get(one.name())));
      changes.gone().forEach(difference::gone);
    }
  }
}
