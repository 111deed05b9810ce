package dev.weir.sidecar.upstream;

import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request as it has come so far, kept for the attempts that may follow: retained
 * slices, read anew by each attempt. Over its bound it is let go, and there are no further
 * attempts.
 */
public final class RequestBody {
  private final int limit;
  private final List<ByteBuf> parts = new ArrayList<>(2);
  private int size;
  private boolean kept = true;
  private boolean ended;
  private @Nullable Headers trailers;

  /**
   * @param limit bytes that may be kept
   */
  public RequestBody(int limit) {
    this.limit = limit;
  }

  /**
   * Adds a part; {@code data} stays the caller's.
   *
   * @param needed no attempt has a connection yet, so the part is kept over the bound too; the
   *     caller pauses reads
   */
  public void add(ByteBuf data, boolean end, boolean needed) {
    ended |= end;
    if (!kept || !data.isReadable()) {
      return;
    }
    if (!needed && size + data.readableBytes() > limit) {
      release();
      return;
    }
    size += data.readableBytes();
    parts.add(data.retainedSlice());
  }

  public void trailers(Headers value) {
    trailers = value;
    ended = true;
  }

  /** All of it is still here. */
  public boolean kept() {
    return kept;
  }

  /** More is held than the bound allows. */
  public boolean full() {
    return size >= limit;
  }

  /** More is held than may be kept once an attempt has a connection. */
  public boolean overBound() {
    return size > limit;
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
    size = 0;
  }
}
