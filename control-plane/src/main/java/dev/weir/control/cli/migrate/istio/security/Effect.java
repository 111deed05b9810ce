package dev.weir.control.cli.migrate.istio.security;

/**
 * What becomes of a request that a rule names, and so which way a rule may err: what has no
 * counterpart narrows an Allow, and widens all others.
 */
enum Effect {
  ALLOW("; whom it lets in is refused"),
  DENY("; what it spares is refused too"),
  EXTERNAL("; requests that it leaves out are asked about too");

  private final String consequence;

  Effect(String consequence) {
    this.consequence = consequence;
  }

  /** What follows from a condition that is left out, to be said behind the reason. */
  String consequence() {
    return consequence;
  }

  /** Its name in an AuthorizationPolicy of Weir's. */
  String word() {
    return name().charAt(0) + name().substring(1).toLowerCase(java.util.Locale.ROOT);
  }
}
