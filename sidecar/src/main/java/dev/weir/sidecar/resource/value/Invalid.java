package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;

/**
 * A field that cannot be taken. It carries path and reason out of a parser's recursion and becomes
 * a {@code Parsed.Rejected} at the door; it never leaves the parsers.
 */
public final class Invalid extends Exception {
  private final transient FieldPath field;
  private final String reason;

  public Invalid(FieldPath field, String reason) {
    super(reason, null, false, false);
    this.field = field;
    this.reason = reason;
  }

  public String field() {
    return field.toString();
  }

  public String reason() {
    return reason;
  }
}
