package dev.weir.control.snapshot;

import dev.weir.control.snapshot.Groups.Group;
import dev.weir.control.snapshot.Layer.Changes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All resources of one type that a proxy may have: what it has in common with others, in layers of
 * which each name is in one, and its own, which stand for those of the same names that others have.
 * Immutable. Control thread.
 */
public final class View {
  public static final View EMPTY = new View(List.of(), Layer.EMPTY);

  private final List<Part> common;
  private final Layer own;
  private final String version;

  /** From the one before: it holds on to what that had, so to no more than one. */
  private final Since<View, List<Differing>> since = new Since<>(1);

  /**
   * A layer, and what it is of.
   *
   * @param group null for what is of no service
   */
  record Part(@Nullable Group group, Layer layer) {}

  View(List<Part> common, Layer own) {
    this.common = common;
    this.own = own;
    long hash = own.hash();
    for (Part part : common) {
      hash ^= part.layer().hash();
    }
    for (Versioned mine : own.all()) {
      Versioned others = common(mine.name());
      hash ^= others == null ? 0 : others.hash();
    }
    this.version = ContentHash.text(hash);
  }

  /** One of both is there; {@code now} is not if it is gone. */
  private record Differing(@Nullable Versioned now, @Nullable Versioned before) {}

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
    Versioned mine = own.get(name);
    return mine == null ? common(name) : mine;
  }

  private @Nullable Versioned common(String name) {
    for (Part part : common) {
      Versioned resource = part.layer().get(name);
      if (resource != null) {
        return resource;
      }
    }
    return null;
  }

  public void forEach(Consumer<Versioned> action) {
    for (Part part : common) {
      for (Versioned resource : part.layer().all()) {
        if (own.get(resource.name()) == null) {
          action.accept(resource);
        }
      }
    }
    own.all().forEach(action);
  }

  /** What people wrote and these resources follow from, kind and name each. Any thread. */
  public Set<String> origins() {
    Set<String> all = new HashSet<>(own.origins());
    for (Part part : common) {
      if (own.all().stream().noneMatch(mine -> part.layer().get(mine.name()) != null)) {
        all.addAll(part.layer().origins());
      } else {
        for (Versioned one : part.layer().all()) {
          if (own.get(one.name()) == null) {
            all.addAll(one.origins());
          }
        }
      }
    }
    return all;
  }

  /** The same common ones, with these of a proxy's own. */
  View with(Layer mine) {
    return mine == own ? this : new View(common, mine);
  }

  /** The same common ones, and of its own what {@code other} has. */
  View withOwnOf(View other) {
    return with(other.own);
  }

  /**
   * Tells how this differs from {@code before}, at a cost that follows the difference, which is
   * looked for once for all who come from there.
   */
  public void since(View before, Difference difference) {
    if (common == before.common && own == before.own) {
      return;
    }
    for (Differing one : since.from(before, this::differing)) {
      if (one.now != null) {
        difference.changed(one.now, one.before);
      } else if (one.before != null) {
        difference.gone(one.before);
      }
    }
  }

  private List<Differing> differing(View before) {
    List<Differing> all = new ArrayList<>();
    tell(
        before,
        new Difference() {
          @Override
          public void changed(Versioned now, @Nullable Versioned old) {
            all.add(new Differing(now, old));
          }

          @Override
          public void gone(Versioned old) {
            all.add(new Differing(null, old));
          }
        });
    return List.copyOf(all);
  }

  private void tell(View before, Difference difference) {
    if (common != before.common) {
      for (int i = 0; i < common.size(); i++) {
        Part part = common.get(i);
        tellCommon(part.layer(), before.layer(part.group(), i), before, difference);
      }
      for (int i = 0; i < before.common.size(); i++) {
        Part part = before.common.get(i);
        if (find(part.group(), i) == null) {
          tellCommon(Layer.EMPTY, part.layer(), before, difference);
        }
      }
    }
    tellOwn(before, difference);
  }

  private Layer layer(@Nullable Group group, int likely) {
    Part part = find(group, likely);
    return part == null ? Layer.EMPTY : part.layer();
  }

  private @Nullable Part find(@Nullable Group group, int likely) {
    if (likely < common.size() && Objects.equals(common.get(likely).group(), group)) {
      return common.get(likely);
    }
    for (Part part : common) {
      if (Objects.equals(part.group(), group)) {
        return part;
      }
    }
    return null;
  }

  /** A name may be in another layer than it was. What is, or was, our own is told by that. */
  private void tellCommon(Layer now, Layer was, View before, Difference difference) {
    if (now == was) {
      return;
    }
    Changes changes = now.since(was);
    for (Versioned one : changes.changed()) {
      if (own.get(one.name()) == null && before.own.get(one.name()) == null) {
        changed(one, before, difference);
      }
    }
    for (Versioned one : changes.gone()) {
      if (get(one.name()) == null && before.own.get(one.name()) == null) {
        difference.gone(one);
      }
    }
  }

  /** What stood for something that others have gives it free when it goes. */
  private void tellOwn(View before, Difference difference) {
    if (own == before.own) {
      return;
    }
    Changes changes = own.since(before.own);
    for (Versioned one : changes.changed()) {
      changed(one, before, difference);
    }
    for (Versioned one : changes.gone()) {
      Versioned others = common(one.name());
      if (others == null) {
        difference.gone(one);
      } else {
        changed(others, before, difference);
      }
    }
  }

  private static void changed(Versioned now, View before, Difference difference) {
    Versioned old = before.get(now.name());
    if (old == null || !old.version().equals(now.version())) {
      difference.changed(now, old);
    }
  }
}
