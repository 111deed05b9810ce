package dev.weir.control.link;

import dev.weir.control.model.ObjectName;
import dev.weir.protos.Nearest;
import java.util.Collection;
import java.util.Optional;

/** What somebody probably meant who named what is not there. */
final class Hints {
  private Hints() {}

  /** To end a message with: the same name in another namespace, or one like it in this. */
  static String of(ObjectName missing, Collection<ObjectName> known) {
    Optional<ObjectName> elsewhere =
        known.stream().filter(name -> name.name().equals(missing.name())).sorted().findFirst();
    return elsewhere
        .map(name ->
            "; did you mean %s? Then write metadata.namespace: %s"
                .formatted(name, name.namespace()))
        .orElseGet(() ->
            Nearest.hint(
                missing.name(),
                known.stream()
                    .filter(name -> name.namespace().equals(missing.namespace()))
                    .map(ObjectName::name)
                    .toList()));
  }
}
