package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;

/** Bounds messages that stand in others of their kind: what is read by calls that nest, too. */
public final class Nesting {
  private Nesting() {}

  /**
   * @param left how deep it may still go
   * @param most how deep it may go
   * @throws Invalid it goes deeper
   */
  public static void check(int left, int most, FieldPath path) throws Invalid {
    if (left == 0) {
      throw new Invalid(path, "stands in more than " + most + " others");
    }
  }
}
