package dev.weir.cli;

/** A word that a program must be given besides its options: {@code DIR}. */
public record Operand(String label, String description) {}
