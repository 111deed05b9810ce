package dev.weir.control.server.subscription;

import dev.weir.control.snapshot.Versioned;
import dev.weir.control.snapshot.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * By name, what a client has where that is not, or may not be, what it is to have. Control thread.
 */
final class Owed {
  /** What a client has of a name. */
  sealed interface Has {}

  /** Nothing, or something that has to be sent again whatever it is. */
  enum Mark implements Has {
    NOTHING,
    SOMETHING
  }

  record Old(Versioned resource) implements Has {}

  /** Something from a stream before, in a version that it says. */
  record Claimed(String version) implements Has {}

  private static final Comparator<Versioned> BY_NAME = Comparator.comparing(Versioned::name);

  private Map<String, Has> owed = new HashMap<>();

  /** This resource, or nothing. */
  static Has has(@Nullable Versioned resource) {
    return resource == null ? Mark.NOTHING : new Old(resource);
  }

  @Nullable Has get(String name) {
    return owed.get(name);
  }

  void put(String name, Has has) {
    owed.put(name, has);
  }

  /** What it had first is what it has. */
  void putIfAbsent(String name, Has has) {
    owed.putIfAbsent(name, has);
  }

  void remove(String name) {
    owed.remove(name);
  }

  void removeIf(Predicate<String> unwanted) {
    owed.keySet().removeIf(unwanted);
  }

  /** Where it has nothing it has something from before. */
  void resume() {
    owed.replaceAll((name, has) -> has == Mark.NOTHING ? Mark.SOMETHING : has);
  }

  boolean isEmpty() {
    return owed.isEmpty();
  }

  int size() {
    return owed.size();
  }

  /** Whether the client has something that is gone from {@code view}. */
  boolean keeps(View view) {
    for (Map.Entry<String, Has> entry : owed.entrySet()) {
      if (entry.getValue() instanceof Old && view.get(entry.getKey()) == null) {
        return true;
      }
    }
    return false;
  }

  /** What the client has that is gone from {@code view}. */
  List<Versioned> gone(View view) {
    List<Versioned> gone = new ArrayList<>();
    owed.forEach((name, has) -> {
      if (has instanceof Old old && view.get(name) == null) {
        gone.add(old.resource());
      }
    });
    return gone;
  }

  /**
   * What it takes to bring the client to {@code view}; what it has already is not owed any more.
   *
   * @param names that the client wants by name
   * @param removals whether what it has may be taken away; else only that a name is not there
   * @param held names of which nothing is said yet to a client that has something of them
   * @param unseen is told a name that came and went, of which nothing is said
   */
  Change change(
      View view, NameSet names, boolean removals, Predicate<String> held, Consumer<String> unseen) {
    List<Versioned> changed = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    owed.entrySet()
        .removeIf(entry -> {
          String name = entry.getKey();
          Has has = entry.getValue();
          Versioned now = view.get(name);
          if (now != null) {
            if (isIn(has, now.version())) {
              return true;
            }
            if (has == Mark.NOTHING || !held.test(name)) {
              changed.add(now);
            }
          } else if (has == Mark.NOTHING) {
            if (!names.contains(name)) {
              unseen.accept(name);
              return true;
            }
            absent.add(name);
          } else if (removals) {
            absent.add(name);
          }
          return false;
        });
    if (changed.size() > 1) {
      changed.sort(BY_NAME);
    }
    Collections.sort(absent);
    return new Change(changed, absent);
  }

  private static boolean isIn(Has has, String version) {
    return switch (has) {
      case Old old -> old.resource().version().equals(version);
      case Claimed claimed -> claimed.version().equals(version);
      case Mark mark -> false;
    };
  }

  /** Of this everything is said. */
  void settle(Change change) {
    change.changed().forEach(resource -> owed.remove(resource.name()));
    change.absent().forEach(owed::remove);
    if (owed.isEmpty()) {
      owed = new HashMap<>(); // without the room that the first response took
    }
  }
}
