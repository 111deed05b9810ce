package dev.weir.control.ca;

/** A request that is not met; the message says why. */
public final class Refused extends Exception {
  private static final long serialVersionUID = 1;

  /** What kind of refusal it is, for counting. */
  public enum Reason {
    /** The request is not one, or asks for what nobody gets. */
    REQUEST,
    /** More than one identity may ask for in a time. */
    RATE,
    /** The CA cannot sign now. */
    ISSUER
  }

  private final Reason reason;

  Refused(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
