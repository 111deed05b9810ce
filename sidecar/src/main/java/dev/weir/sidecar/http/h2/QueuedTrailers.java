package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.http.Headers;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2RemoteFlowController.FlowControlled;
import org.jspecify.annotations.Nullable;

/** Trailers that wait behind a body: they cost no window, but come after it. */
final class QueuedTrailers implements FlowControlled {
  private final StreamWriter writer;
  private final Http2StreamState state;
  private final Headers trailers;
  private @Nullable ChannelFuture written;

  QueuedTrailers(StreamWriter writer, Http2StreamState state, Headers trailers) {
    this.writer = writer;
    this.state = state;
    this.trailers = trailers;
  }

  @Override
  public int size() {
    return 0;
  }

  @Override
  public boolean merge(ChannelHandlerContext ctx, FlowControlled next) {
    return false;
  }

  @Override
  public void write(ChannelHandlerContext ctx, int allowed) {
    written = writer.writeNow(state.stream(), trailers);
  }

  @Override
  public void writeComplete() {
    if (written != null) {
      writer.ended(state, written);
    }
  }

  @Override
  public void error(ChannelHandlerContext ctx, Throwable cause) {
    writer.failed(cause);
  }
}
