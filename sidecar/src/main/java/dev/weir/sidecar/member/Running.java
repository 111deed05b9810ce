package dev.weir.sidecar.member;

/** A process that a member consists of: its app, its sidecar. Any thread. */
interface Running {
  boolean running();

  /** Nothing happens to one that has ended. */
  void tell(Sign sign);
}
