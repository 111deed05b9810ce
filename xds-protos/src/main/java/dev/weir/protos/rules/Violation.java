package dev.weir.protos.rules;

/** A field that breaks its rule; {@code reason} reads on from the path: {@code must be set}. */
public record Violation(String path, String reason) {}
