package dev.weir.sidecar.http;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a body that has to wait, in their order. A small part is copied: a slice of it would
 * hold the whole buffer that it was read into. One thread.
 */
public final class BodyParts {
  /** Bytes; smaller parts are copied together. */
  private static final int SMALL = 1024;

  private final ArrayDeque<ByteBuf> parts = new ArrayDeque<>(4);

  /** The last part, if it is a copy that has room for more. */
  private @Nullable ByteBuf open;

  private long size;

  /** Adds what is readable of {@code data}, which stays the caller's. */
  public void add(ByteBuf data) {
    int length = data.readableBytes();
    size += length;
    if (length >= SMALL) {
      parts.add(data.retainedSlice());
      open = null;
      return;
    }
    ByteBuf into = open;
    if (into == null || into.writableBytes() < length) {
      into = data.alloc().buffer(SMALL, SMALL);
      parts.add(into);
      open = into;
    }
    into.writeBytes(data, data.readerIndex(), length);
  }

  /** Takes the first part out, to be released by the caller; null if there is none. */
  public @Nullable ByteBuf poll() {
    ByteBuf first = parts.poll();
    if (first != null) {
      size -= first.readableBytes();
      if (first == open) {
        open = null;
      }
    }
    return first;
  }

  /** Slices of what is there, each to be released by the caller. */
  public List<ByteBuf> slices() {
    List<ByteBuf> slices = new ArrayList<>(parts.size());
    for (ByteBuf part : parts) {
      slices.add(part.retainedSlice());
    }
    return slices;
  }

  public boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Bytes that wait. */
  public long size() {
    return size;
  }

  public void release() {
    for (ByteBuf part : parts) {
      part.release();
    }
    parts.clear();
    open = null;
    size = 0;
  }
}
