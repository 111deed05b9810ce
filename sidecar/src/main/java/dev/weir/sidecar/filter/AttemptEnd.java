package dev.weir.sidecar.filter;

/**
 * How an attempt went.
 *
 * @param nanos from its start to the response's head, or to its failure
 */
public record AttemptEnd(Result result, long nanos) {
  public enum Result {
    /** The app answered, and not with a failure of its own. */
    SUCCESS,
    /** 5xx, a gRPC status of that kind, no answer in time, or no whole answer. */
    FAILURE,
    /** It says nothing about the app: a refusal of ours, here or at the next sidecar. */
    NOTHING
  }
}
