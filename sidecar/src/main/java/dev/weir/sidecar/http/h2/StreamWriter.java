package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * What our streams say, as frames. It does for a stream that is open what Netty's connection
 * encoder does, under the same flow control, without a promise and a queue for each frame. What is
 * said on a stream that was reset meanwhile is dropped. One for each connection.
 */
final class StreamWriter {
  private final Http2Connection connection;
  private final FrameWriter frames;
  private final SentFields fields = new SentFields();

  StreamWriter(Http2Connection connection, FrameWriter frames) {
    this.connection = connection;
    this.frames = frames;
  }

  /** Into these a head is put before it is written. */
  SentFields fields() {
    return fields;
  }

  /**
   * Writes what {@link #fields} hold.
   *
   * @return done when the channel has taken it; null if it was dropped or refused
   */
  @Nullable ChannelFuture head(Http2Stream stream, boolean informational, boolean end) {
    ChannelFuture written = takes(stream) ? write(stream, informational, end) : null;
    if (written != null && end) {
      connection.closeStreamLocal(stream, written);
    }
    return written;
  }

  private @Nullable ChannelFuture write(Http2Stream stream, boolean informational, boolean end) {
    try {
      ChannelFuture written = frames.headers(connection.context(), stream.id(), fields, end);
      stream.headersSent(informational);
      connection.markDirty();
      return written;
    } catch (Http2Exception e) {
      failed(e);
      return null;
    }
  }

  /** A part of a body: when it goes is flow control's to say. */
  void data(Http2StreamState state, ByteBuf data, boolean end) {
    Http2Stream stream = state.stream();
    if (!takes(stream)) {
      data.release();
      return;
    }
    flowController().addFlowControlled(stream, new QueuedData(this, state, data, end));
    connection.markDirty();
  }

  /** Behind the body, if flow control still holds some of it. */
  void trailers(Http2StreamState state, Headers trailers) {
    Http2Stream stream = state.stream();
    if (takes(stream) && flowController().hasFlowControlled(stream)) {
      flowController().addFlowControlled(stream, new QueuedTrailers(this, state, trailers));
      connection.markDirty();
      return;
    }
    fields.trailers(trailers);
    ChannelFuture written = head(stream, false, true);
    if (written != null) {
      state.handedOver(written);
    }
  }

  private Http2RemoteFlowController flowController() {
    return connection.encoder().flowController();
  }

  private static boolean takes(Http2Stream stream) {
    return stream.state() == Http2Stream.State.OPEN
        || stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE;
  }

  /** Hands the channel what was written in this turn. */
  void writeOut() {
    frames.writeOut(connection.context());
  }

  // ---- for what flow control lets go

  /** Of a body; it is released. */
  ChannelFuture writeNow(Http2Stream stream, ByteBuf data, boolean end) {
    return frames.data(connection.context(), stream.id(), data, end);
  }

  /** Null if they were refused. */
  @Nullable ChannelFuture writeNow(Http2Stream stream, Headers trailers) {
    fields.trailers(trailers);
    return write(stream, false, true);
  }

  /** The last frame of {@code state} is with the channel. */
  void ended(Http2StreamState state, ChannelFuture written) {
    connection.closeStreamLocal(state.stream(), written);
    state.handedOver(written);
  }

  void failed(Throwable cause) {
    connection.onError(connection.context(), true, cause);
  }
}
