package dev.weir.sidecar.admin;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerStream;

/**
 * A request whose answer is made elsewhere, and leaves in {@link Parts}. Event loop of the
 * connection.
 */
abstract class AnsweredStream implements ServerStream {
  final Parts parts;

  /** Nothing follows: all is written, or nobody takes it. */
  boolean over;

  AnsweredStream(Parts parts) {
    this.parts = parts;
  }

  @Override
  public final void informational(Headers headers) {}

  @Override
  public final void reset(ResetReason reason, String details) {
    leave();
  }

  @Override
  public final void malformed(int status, String details) {
    leave();
  }

  /** The client has left. */
  void leave() {
    over = true;
    parts.leave();
  }

  @Override
  public final void writable(boolean writable) {
    parts.writable(writable);
  }
}
