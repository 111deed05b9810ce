package dev.weir.sidecar.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Before a relay whose server has spoken in plain text: closes a client whose first words are those
 * of TLS, which would never understand the answer, and is gone after any others. Event loop of the
 * connection.
 */
final class LateHello extends ChannelInboundHandlerAdapter {
  private static final int HANDSHAKE = 0x16;
  private static final int VERSION = 0x03;

  private final Runnable late;

  /**
   * @param late told before the close
   */
  LateHello(Runnable late) {
    this.late = late;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    int at = data.readerIndex();
    if (data.readableBytes() > 1
        && data.getByte(at) == HANDSHAKE
        && data.getByte(at + 1) == VERSION) {
      data.release();
      late.run();
      ctx.close();
      return;
    }
    ctx.fireChannelRead(data);
    ctx.pipeline().remove(this);
  }
}
