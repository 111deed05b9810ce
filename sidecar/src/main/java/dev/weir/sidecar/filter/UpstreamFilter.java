package dev.weir.sidecar.filter;

import org.jspecify.annotations.Nullable;

/**
 * One filter's work on one attempt. It is asked before a host is chosen and while one is; then the
 * parts of the request pass forwards through it and the parts of the response backwards, as through
 * any filter; at last it is told how the attempt ended. A local reply in any of these ends the
 * attempt, not yet the request. Event loop of the stream.
 */
public interface UpstreamFilter extends HttpFilter {
  /** Before a host is chosen: a refusal, or null to go on. */
  default Verdict.@Nullable LocalReply admit(long nowNanos) {
    return null;
  }

  /** Whether {@link #admit} would refuse another attempt of this request now; takes nothing. */
  default boolean wouldRefuse(long nowNanos) {
    return false;
  }

  /** A host that is chosen only if there is no other. */
  default boolean avoids(UpstreamHost host, long nowNanos) {
    return false;
  }

  /** The host was chosen: a refusal, or null to go on. */
  default Verdict.@Nullable LocalReply chosen(UpstreamHost host, long nowNanos) {
    return null;
  }

  /**
   * How the attempt went, once it is known: a response that fails in its trailers, or is cut, has
   * failed. Not called for an attempt that was refused by this or another filter, or that was given
   * up before its request had ended or while its response came; {@link #destroy} is.
   */
  default void ended(AttemptEnd end) {}
}
