package dev.weir.sidecar.member;

import dev.weir.sidecar.member.system.Sign;

/** A process that a member consists of: its app, its sidecar. Any thread. */
interface Running {
  boolean running();

  /** Nothing happens to one that has ended. */
  void tell(Sign sign);
}
