package dev.weir.sidecar.member;

import dev.weir.sidecar.member.system.Sign;

/** What happens to a member while its app runs. */
sealed interface Event {
  /** Somebody wants it to end. */
  record Told(Sign sign) implements Event {}

  record AppEnded(Ending ending) implements Event {}

  record SidecarEnded() implements Event {}

  record MeshEnded() implements Event {}
}
