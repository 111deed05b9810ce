package dev.weir.control.model.schema;

import java.util.OptionalInt;

/** A port by number or, where Kubernetes allows it, by name ({@code IntOrString}). */
public record PortReference(String text) {
  /** The port, when it is written as a number from 1 to 65535. */
  public OptionalInt number() {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(Character::isDigit)) {
      return OptionalInt.empty();
    }
    int number = Integer.parseInt(text);
    return number >= 1 && number <= 65535 ? OptionalInt.of(number) : OptionalInt.empty();
  }
}
