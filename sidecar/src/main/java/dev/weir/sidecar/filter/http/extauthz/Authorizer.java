package dev.weir.sidecar.filter.http.extauthz;

import java.util.function.Consumer;

/** Asks a server whether a request may go on. */
interface Authorizer {
  /**
   * Asks. {@code then} is told once, perhaps before this returns, on the loop of the stream.
   *
   * @return what is under way
   */
  Check ask(Subject subject, Consumer<Decision> then);

  /** A question that is under way. */
  interface Check {
    /** Nobody waits for the answer any more; none is told. */
    void cancel();
  }
}
