package dev.weir.sidecar.member.system;

/** A signal that a member is told, or tells. */
public enum Sign {
  HUP(1),
  INT(2),
  KILL(9),
  TERM(15);

  private final int number;

  Sign(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Of who is ended by it, as shells have it. */
  public int status() {
    return 128 + number;
  }
}
