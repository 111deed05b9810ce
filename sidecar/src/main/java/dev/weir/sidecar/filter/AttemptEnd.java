package dev.weir.sidecar.filter;

/**
 * How an attempt went.
 *
 * @param nanos from its start, or from the end of the request where that is later, to the
 *     response's head or to its failure; 0 if that came before the request had ended
 */
public record AttemptEnd(Result result, long nanos) {
  public enum Result {
    /** The app answered, and not with a failure of its own. */
    SUCCESS,
    /** 5xx, a gRPC status of that kind, no answer in time, or no whole answer. */
    FAILURE,
    /** It says nothing about the app: a refusal of ours, here or at the next sidecar. */
    NOTHING,
    /** Nobody waits any longer for the answer that was owed: it says how long it took, no more. */
    GIVEN_UP
  }
}
