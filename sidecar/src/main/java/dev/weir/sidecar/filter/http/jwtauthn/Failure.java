package dev.weir.sidecar.filter.http.jwtauthn;

/**
 * Why a requirement is not met.
 *
 * @param kind what is to be said of it
 * @param reason in Envoy's words where it has some
 */
record Failure(Kind kind, String reason) {
  /** The more it says of a token, the later. */
  enum Kind {
    MISSING,
    UNKNOWN_ISSUER,
    INVALID,
    EXPIRED,
    /** The keys could not be had. */
    NO_KEYS
  }

  static final Failure MISSING = new Failure(Kind.MISSING, "Jwt is missing");

  static final Failure UNKNOWN_ISSUER =
      new Failure(Kind.UNKNOWN_ISSUER, "Jwt issuer is not configured");

  static Failure invalid(String reason) {
    return new Failure(Kind.INVALID, reason);
  }

  /** Of two the one that says more. */
  static Failure more(Failure one, Failure other) {
    return other.kind.compareTo(one.kind) > 0 ? other : one;
  }
}
