package dev.weir.sidecar.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;

/**
 * How the two ways of a connection end, whatever its transport socket is. Event loop of the
 * channel.
 *
 * <p>The peer's end comes as a {@link io.netty.channel.socket.ChannelInputShutdownEvent} where the
 * channel allows half closure, and closes the channel else: of plain bytes by a FIN, of TLS by a
 * close_notify. A FIN without one is told as an {@link java.io.IOException}: what came before it
 * may have been cut.
 */
public final class Wire {
  private Wire() {}

  /** When all that was written is out, the peer is told that nothing more comes. */
  public static void shutdownOutput(Channel channel) {
    // An empty write is done when all before it are.
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(written -> {
          TlsWire tls = channel.pipeline().get(TlsWire.class);
          if (tls != null) {
            tls.shutdownOutput();
          } else if (channel instanceof DuplexChannel duplex && !duplex.isOutputShutdown()) {
            duplex.shutdownOutput();
          }
        });
  }

  /** The peer has said that nothing more comes. */
  public static boolean inputShutdown(Channel channel) {
    TlsWire tls = channel.pipeline().get(TlsWire.class);
    return tls == null
        ? channel instanceof DuplexChannel duplex && duplex.isInputShutdown()
        : tls.inputShutdown();
  }

  /** The peer has been told that nothing more comes. */
  public static boolean outputShutdown(Channel channel) {
    TlsWire tls = channel.pipeline().get(TlsWire.class);
    return tls == null
        ? channel instanceof DuplexChannel duplex && duplex.isOutputShutdown()
        : tls.outputShutdown();
  }
}
