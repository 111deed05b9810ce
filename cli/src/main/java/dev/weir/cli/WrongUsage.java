package dev.weir.cli;

/** The command line cannot be followed; the message says why, in a line without its end. */
public final class WrongUsage extends Exception {
  private static final long serialVersionUID = 1;

  public WrongUsage(String message) {
    super(message);
  }
}
