package dev.weir.cli;

/**
 * A word that a program must be given besides its options: {@code DIR}; one in brackets, {@code
 * [DIR]}, it may be given, and after it come no others but such; one with dots behind it, {@code
 * FILE...}, may be given several times, and is the last.
 */
public record Operand(String label, String description) {
  boolean optional() {
    return label.startsWith("[");
  }

  boolean repeated() {
    return label.endsWith("...");
  }
}
