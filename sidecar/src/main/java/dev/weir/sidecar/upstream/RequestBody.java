package dev.weir.sidecar.upstream;

import dev.weir.sidecar.http.BodyParts;
import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request as it has come so far, kept for the attempts that may follow, read anew by
 * each attempt. Over its own bound or the process's it is let go, and there are no further
 * attempts. Event loop of the downstream connection.
 */
public final class RequestBody {
  private final int limit;
  private final ReplayBudget budget;
  private final BodyParts parts = new BodyParts();
  private boolean kept = true;
  private boolean ended;
  private @Nullable Headers trailers;

  /**
   * @param limit bytes that may be kept
   * @param budget what all bodies share
   */
  public RequestBody(int limit, ReplayBudget budget) {
    this.limit = limit;
    this.budget = budget;
  }

  /**
   * Adds a part; {@code data} stays the caller's.
   *
   * @param needed no attempt has a connection yet, so the part is kept over the bounds too; the
   *     caller pauses reads while the body is {@link #full}
   */
  public void add(ByteBuf data, boolean end, boolean needed) {
    ended |= end;
    int length = data.readableBytes();
    if (!kept || length == 0) {
      return;
    }
    if (!needed && (parts.size() + length > limit || budget.left() < length)) {
      release();
      return;
    }
    budget.take(length);
    parts.add(data);
  }

  public void trailers(Headers value) {
    trailers = value;
    ended = true;
  }

  /** All of it is still here. */
  public boolean kept() {
    return kept;
  }

  /** No more than this should be held while no attempt has a connection. */
  public boolean full() {
    return parts.size() >= limit || !parts.isEmpty() && budget.left() <= 0;
  }

  /** More is held than may be kept once an attempt has a connection. */
  public boolean overBound() {
    return parts.size() > limit || !parts.isEmpty() && budget.left() < 0;
  }

  /** The client has sent everything. */
  public boolean ended() {
    return ended;
  }

  public @Nullable Headers trailers() {
    return trailers;
  }

  /**
   * Slices of all of it so far, each to be released by the caller.
   *
   * @throws IllegalStateException if it was let go: a part of a body must not pass for the whole
   */
  public List<ByteBuf> replay() {
    if (!kept) {
      throw new IllegalStateException("the body is not there any more");
    }
    return parts.slices();
  }

  /** No attempt will need it any more. */
  public void release() {
    kept = false;
    budget.give(parts.size());
    parts.release();
  }
}
