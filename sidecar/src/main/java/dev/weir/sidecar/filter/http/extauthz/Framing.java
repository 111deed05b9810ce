package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.http.ConnectionFields;

/** Fields that are between two neighbours alone, and neither asked about nor changed. */
final class Framing {
  private Framing() {}

  /** {@code name} is in lower case. */
  static boolean is(String name) {
    return ConnectionFields.has(name) || name.equals("expect");
  }
}
