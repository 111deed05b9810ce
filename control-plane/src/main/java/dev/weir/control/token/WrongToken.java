package dev.weir.control.token;

/** A token that proves nothing; the message says why, and quotes nothing of it. */
public final class WrongToken extends Exception {
  private static final long serialVersionUID = 1;

  public WrongToken(String message) {
    super(message);
  }
}
