package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The writing half of a connection: heads are held back until their first data or the end of the
 * read event, so that a small message leaves in one buffer and one system call.
 */
final class Output implements Loop.Flushable {
  /** A body part up to this size is copied behind the head rather than written beside it. */
  private static final int COALESCE = 4096;

  private static final byte[] LAST_CHUNK = HeadEncoder.ascii("0\r\n\r\n");
  private static final byte[] LAST_CHUNK_BEFORE_TRAILERS = HeadEncoder.ascii("0\r\n");

  private final ChannelHandlerContext context;
  private final Loop loop;
  private @Nullable ByteBuf pending;
  private boolean dirty;
  private boolean chunked;

  /** Bytes of the body that are still to be written; -1 where no length was announced. */
  private long announced = -1;

  private boolean tooLong;

  Output(ChannelHandlerContext context, Loop loop) {
    this.context = context;
    this.loop = loop;
  }

  /**
   * A buffer for a head; the message's body follows by {@link #data}. {@code bodyHint} is the
   * body's length where known, else 0.
   */
  ByteBuf begin(int headEstimate, long bodyHint) {
    release(true);
    int body = bodyHint <= COALESCE ? (int) Math.max(0, bodyHint) : 0;
    ByteBuf out = context.alloc().directBuffer(headEstimate + body);
    pending = out;
    markDirty();
    return out;
  }

  void chunked(boolean value) {
    chunked = value;
  }

  /** The body's length as its head says; -1 where it does not. */
  void announced(long length) {
    announced = length;
    tooLong = false;
  }

  /**
   * The body that has ended is as long as its head said: if not, the peer would take what follows
   * for a part of it, or a part of it for what follows, and the connection has to end.
   */
  boolean asAnnounced() {
    return announced <= 0 && !tooLong;
  }

  /** Takes {@code data} over. */
  void data(ByteBuf data, boolean end) {
    int size = data.readableBytes();
    if (size == 0 || !fits(size)) {
      data.release();
    } else if (chunked) {
      chunk(data, size);
    } else {
      append(data, size);
    }
    if (end && chunked) {
      tail().writeBytes(LAST_CHUNK);
    }
    markDirty();
  }

  void trailers(Headers trailers) {
    if (!chunked) {
      return; // a message with a length has no place for them
    }
    ByteBuf out = tail();
    out.writeBytes(LAST_CHUNK_BEFORE_TRAILERS);
    HeadEncoder.fields(out, trailers);
    out.writeBytes(HeadEncoder.CRLF);
    markDirty();
  }

  private boolean fits(int size) {
    if (announced >= 0) {
      tooLong |= size > announced;
      announced -= tooLong ? 0 : size;
    }
    return !tooLong;
  }

  private void chunk(ByteBuf data, int size) {
    ByteBuf out = tail();
    out.writeCharSequence(Integer.toHexString(size), StandardCharsets.US_ASCII);
    out.writeBytes(HeadEncoder.CRLF);
    append(data, size);
    tail().writeBytes(HeadEncoder.CRLF);
  }

  private void append(ByteBuf data, int size) {
    ByteBuf out = pending;
    if (out != null && size <= COALESCE) {
      out.writeBytes(data);
      data.release();
      return;
    }
    release(true);
    context.write(data, context.voidPromise());
  }

  private ByteBuf tail() {
    ByteBuf out = pending;
    if (out == null) {
      out = context.alloc().directBuffer(64);
      pending = out;
    }
    return out;
  }

  private void markDirty() {
    if (!dirty) {
      dirty = true;
      loop.dirty(this);
    }
  }

  private void release(boolean write) {
    ByteBuf out = pending;
    if (out != null) {
      pending = null;
      if (write) {
        context.write(out, context.voidPromise());
      } else {
        out.release();
      }
    }
  }

  @Override
  public void flushNow() {
    dirty = false;
    release(true);
    context.flush();
  }

  /** The connection is gone. */
  void discard() {
    release(false);
  }
}
