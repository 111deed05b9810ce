package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** One stream of either side. */
abstract class Http2StreamState implements StreamEncoder {
  private @Nullable Http2Connection connection;
  private @Nullable Http2Stream stream;
  private @Nullable StreamDecoder decoder;
  private int unconsumed;
  private boolean paused;
  private boolean readEnded;
  private boolean writeBegun;
  private boolean writeEnded;
  private boolean cutShort;

  void decoder(StreamDecoder value) {
    decoder = value;
  }

  /** Nobody is told of what still comes. */
  final void forget() {
    decoder = null;
  }

  /** The response is whole before its request is, and the rest of that is not wanted. */
  final void cutShort(boolean value) {
    cutShort = value;
  }

  final boolean cutShort() {
    return cutShort;
  }

  @Nullable StreamDecoder decoder() {
    return decoder;
  }

  void attached(Http2Connection ofConnection, Http2Stream ofStream) {
    connection = ofConnection;
    stream = ofStream;
  }

  final Http2Connection connection() {
    return java.util.Objects.requireNonNull(connection);
  }

  final Http2Stream stream() {
    return java.util.Objects.requireNonNull(stream);
  }

  /** On the server's side: the response's head has been written. */
  final boolean responseBegun() {
    return writeBegun;
  }

  final boolean readEnded() {
    return readEnded;
  }

  final boolean writeEnded() {
    return writeEnded;
  }

  // ---- reading

  final void readEnd() {
    readEnded = true;
    over();
  }

  /**
   * A part of the body has come, and may not have been one that could.
   *
   * @throws Http2Exception of the stream, which ends by it
   */
  void checkData(int bytes, boolean end) throws Http2Exception {}

  /** Returns how many bytes the stream's window may open by at once. */
  final int dataRead(ByteBuf data, boolean end) throws Http2Exception {
    int bytes = data.readableBytes();
    checkData(bytes, end);
    if (end) {
      readEnded = true;
    }
    StreamDecoder current = decoder;
    if (current == null) {
      return bytes;
    }
    current.data(data.retain(), end);
    if (end) {
      over();
    }
    if (paused) {
      unconsumed += bytes;
      return 0;
    }
    return bytes;
  }

  final void resetRead(long errorCode) {
    fail(
        errorCode == Http2Error.REFUSED_STREAM.code()
            ? ResetReason.REFUSED_STREAM
            : ResetReason.REMOTE_RESET,
        "http2.remote_reset{" + errorCode + "}");
  }

  /** Netty has closed the stream. */
  final void closed(boolean unprocessed) {
    if (!(readEnded && writeEnded)) {
      fail(
          unprocessed ? ResetReason.REFUSED_STREAM : ResetReason.CONNECTION_TERMINATION,
          "http2.stream_closed");
    }
  }

  final void fail(ResetReason reason, String details) {
    StreamDecoder current = decoder;
    decoder = null;
    if (current != null) {
      current.reset(reason, details);
    }
  }

  final void writabilityChanged(boolean writable) {
    StreamDecoder current = decoder;
    if (current != null) {
      current.writable(writable);
    }
  }

  /** Both ways have ended. */
  private void over() {
    if (readEnded && writeEnded) {
      decoder = null;
    }
  }

  // ---- writing

  /** Puts a head into {@code fields}. */
  abstract void encode(Headers headers, SentFields fields);

  final void write(Headers headers, boolean end) {
    if (end) {
      writeEnded = true;
    }
    StreamWriter writer = connection().writer();
    encode(headers, writer.fields());
    ChannelFuture written = writer.head(stream(), informational(headers.status()), end);
    if (end) {
      ended();
    }
    if (end && written != null) {
      handedOver(written);
    }
  }

  /** Where a protocol was switched to (101), HTTP/2 says 200. */
  private static boolean informational(int status) {
    return status >= 100 && status < 200 && status != 101;
  }

  @Override
  public void headers(Headers headers, boolean endStream) {
    writeBegun = true;
    write(headers, endStream);
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    if (writeEnded) {
      data.release();
      return;
    }
    if (endStream) {
      writeEnded = true;
    }
    connection().writer().data(this, data, endStream);
    if (endStream) {
      ended();
    }
  }

  @Override
  public void trailers(Headers trailers) {
    writeEnded = true;
    ended();
    connection().writer().trailers(this, trailers);
  }

  /** We have said all; flow control may hold some of it still. */
  void ended() {
    over();
  }

  /** The last of it is with the channel, and on its way when {@code written} is done. */
  void handedOver(ChannelFuture written) {}

  @Override
  public void reset(ResetReason reason) {
    decoder = null;
    writeEnded = true;
    Http2Error error =
        switch (reason) {
          case PROTOCOL_ERROR -> Http2Error.PROTOCOL_ERROR;
          case REFUSED_STREAM, OVERFLOW -> Http2Error.REFUSED_STREAM;
          case CONNECTION_TERMINATION,
              STALE_CONNECTION,
              CONNECT_FAILURE,
              CONNECT_TIMEOUT,
              REMOTE_RESET ->
              Http2Error.INTERNAL_ERROR;
          case LOCAL_RESET -> localResetError();
        };
    connection().resetStream(stream(), error);
  }

  /** What LOCAL_RESET tells the peer. */
  abstract Http2Error localResetError();

  @Override
  public void readDisable(boolean disable) {
    paused = disable;
    if (!disable && unconsumed > 0) {
      int bytes = unconsumed;
      unconsumed = 0;
      connection().consumed(stream(), bytes);
    }
  }

  @Override
  public boolean writable() {
    return connection().encoder().flowController().isWritable(stream());
  }
}
