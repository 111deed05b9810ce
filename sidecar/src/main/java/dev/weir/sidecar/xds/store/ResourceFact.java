package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.xds.Resource;
import java.time.Instant;
import java.util.Optional;

/**
 * What is known of one streamed resource, for those who ask what the configuration is.
 *
 * @param inForce the newest that is in force
 * @param warming a newer one that waits for what it refers to
 * @param refused the last one that came, if it was refused
 * @param asked of one that is neither here nor refused, and of one that is said to be gone
 */
public record ResourceFact(
    String name,
    Optional<Held> inForce,
    Optional<Held> warming,
    Optional<Refusal> refused,
    Asked asked) {
  /** What became of asking for it by name. */
  public enum Asked {
    /** It came, or is of a type that is asked for whole. */
    ANSWERED,
    /** Nothing has been said of it yet. */
    WAITING,
    /** The control plane says that there is none, or has said nothing in the time there was. */
    ABSENT
  }

  /**
   * @param since when this content came
   */
  public record Held(Resource resource, Instant since) {}

  /**
   * @param details resource, field and reason
   * @param version that it came as; empty if that is not known
   * @param resource as it came; empty if it is not kept
   * @param at when
   */
  public record Refusal(
      String details, Optional<String> version, Optional<Resource> resource, Instant at) {}
}
