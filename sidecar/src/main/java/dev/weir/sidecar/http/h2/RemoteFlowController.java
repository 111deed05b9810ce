package dev.weir.sidecar.http.h2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/**
 * Netty's flow control of what we send. Streams get what they can take in turn: weights are
 * deprecated (RFC 9113 5.3.1), and a queue by weight costs.
 */
final class RemoteFlowController extends DefaultHttp2RemoteFlowController {
  private final FrameWriter frames;

  RemoteFlowController(Http2Connection connection, FrameWriter frames) {
    super(connection, new UniformStreamByteDistributor(connection));
    this.frames = frames;
  }

  /** Netty's handler does this before each flush: what it lets go joins what was written. */
  @Override
  public void writePendingBytes() throws Http2Exception {
    super.writePendingBytes();
    ChannelHandlerContext context = channelHandlerContext();
    if (context != null) {
      frames.writeOut(context);
    }
  }
}
