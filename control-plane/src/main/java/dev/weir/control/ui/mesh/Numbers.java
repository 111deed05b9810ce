package dev.weir.control.ui.mesh;

/** Numbers as the page has them: no longer than it shows. */
final class Numbers {
  private static final double THOUSAND = 1000;

  private Numbers() {}

  static double rounded(double value) {
    return Math.round(value * THOUSAND) / THOUSAND;
  }

  /** What is less than all of it is not told as all. */
  static double share(double value) {
    return Math.floor(value * THOUSAND * 10) / (THOUSAND * 10);
  }
}
