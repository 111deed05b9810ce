package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What of a part of a rule has no counterpart. Of an Allow such a value lets nobody in, and without
 * any other value the part can never hold; of all else the condition is left out as a whole.
 */
final class Leftovers {
  private final Effect effect;
  private final Report report;
  private boolean never;
  private boolean wider;

  Leftovers(Effect effect, Report report) {
    this.effect = effect;
    this.report = report;
  }

  /** Whether the part can hold for nothing that can be said. */
  boolean never() {
    return never;
  }

  /** Whether it holds for more than it was written for. */
  boolean wider() {
    return wider;
  }

  /** Whether the part is one of an Allow, and so must not hold for more. */
  boolean narrows() {
    return effect == Effect.ALLOW;
  }

  /** It contradicts itself. */
  void contradicted() {
    never = true;
  }

  /** A condition is left out, if it is there. */
  void without(Fields fields, String name, String why) {
    if (fields.has(name)) {
      fields.without(name, why + effect.consequence());
      leave();
    }
  }

  /** What is wrong, and has been said, is a condition that is left out. */
  void wrong() {
    leave();
  }

  /** Conditions that nobody knows are left out too. */
  void withoutUnread(Fields fields) {
    fields.unread().forEach(name -> without(fields, name, "Weir has nothing like it"));
  }

  private void leave() {
    never |= narrows();
    wider |= !narrows();
  }

  /** The counterparts of a list of which one must hold; none: any will do. */
  <T> List<T> oneOf(
      Fields fields, String name, Function<String, Optional<T>> counterpart, String why) {
    List<String> values = fields.texts(name);
    List<T> found = new ArrayList<>();
    boolean lost = fields.lost(name, values.size());
    for (int i = 0; i < values.size(); i++) {
      Optional<T> value = counterpart.apply(values.get(i));
      if (value.isPresent()) {
        found.add(value.get());
      } else {
        report.without(fields.at(), fields.path().field(name).index(i), why + effect.consequence());
        lost = true;
      }
    }
    if (lost && (found.isEmpty() || !narrows())) {
      leave();
      return List.of();
    }
    return found;
  }
}
