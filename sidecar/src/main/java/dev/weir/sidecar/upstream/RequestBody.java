package dev.weir.sidecar.upstream;

import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request as it has come so far, kept for the attempts that may follow, read anew by
 * each attempt. Over its own bound or the process's it is let go, and there are no further
 * attempts. Event loop of the downstream connection.
 */
public final class RequestBody {
  /**
   * A part below this size is copied: a slice of it would hold the whole buffer that it was read
   * into.
   */
  private static final int SMALL = 1024;

  private final int limit;
  private final ReplayBudget budget;
  private final List<ByteBuf> parts = new ArrayList<>(2);
  private @Nullable ByteBuf smallParts;
  private int size;
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
    if (!needed && (size + length > limit || budget.left() < length)) {
      release();
      return;
    }
    size += length;
    budget.take(length);
    if (length < SMALL) {
      copy(data);
    } else {
      parts.add(data.retainedSlice());
      smallParts = null; // what follows comes after this one
    }
  }

  private void copy(ByteBuf data) {
    ByteBuf into = smallParts;
    if (into == null || into.writableBytes() < data.readableBytes()) {
      into = data.alloc().buffer(SMALL, SMALL);
      smallParts = into;
      parts.add(into);
    }
    into.writeBytes(data, data.readerIndex(), data.readableBytes());
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
    return size >= limit || size > 0 && budget.left() <= 0;
  }

  /** More is held than may be kept once an attempt has a connection. */
  public boolean overBound() {
    return size > limit || size > 0 && budget.left() < 0;
  }

  /** The client has sent everything. */
  public boolean ended() {
    return ended;
  }

  public @Nullable Headers trailers() {
    return trailers;
  }

  /** Slices of what is there, each to be released by the caller. */
  public List<ByteBuf> replay() {
    List<ByteBuf> slices = new ArrayList<>(parts.size());
    for (ByteBuf part : parts) {
      slices.add(part.retainedSlice());
    }
    return slices;
  }

  public boolean isEmpty() {
    return parts.isEmpty();
  }

  /** No attempt will need it any more. */
  public void release() {
    kept = false;
    for (ByteBuf part : parts) {
      part.release();
    }
    parts.clear();
    smallParts = null;
    budget.give(size);
    size = 0;
  }
}
