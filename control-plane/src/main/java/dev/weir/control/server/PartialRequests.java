package dev.weir.control.server;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what all clients together have sent of requests that are not whole, or not asked for yet:
 * gRPC keeps it until it is, of each stream up to the longest request. When it is too much, the
 * connections end that have had some for the longest time: who means well has sent the rest long
 * since. Before a server's acceptor; any thread.
 */
@ChannelHandler.Sharable
public final class PartialRequests extends ChannelInboundHandlerAdapter {
  private final long most;
  private final Consumer<SocketAddress> ended;
  private final Map<SocketAddress, PartialConnection> byPeer = new ConcurrentHashMap<>();

  /** Those that have some, in the order in which they began to; and how much. */
  private final SequencedMap<PartialConnection, Long> partial = new LinkedHashMap<>();

  private long bytes;

  /**
   * @param most bytes of all connections
   * @param ended is told whose connection was ended for that, on an event loop
   */
  public PartialRequests(long most, Consumer<SocketAddress> ended) {
    this.most = most;
    this.ended = ended;
  }

  /** What is told of each stream, to be given to the server. */
  public ServerStreamTracer.Factory tracers() {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new PartialStream(PartialRequests.this);
      }
    };
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof Channel accepted) {
      accepted.pipeline().addFirst(PartialConnection.placing(this));
    }
    context.fireChannelRead(message);
  }

  /** Null only when the connection is over. */
  @Nullable PartialConnection of(@Nullable SocketAddress peer) {
    return peer == null ? null : byPeer.get(peer);
  }

  void began(SocketAddress peer, PartialConnection connection) {
    byPeer.put(peer, connection);
  }

  void over(SocketAddress peer, PartialConnection connection) {
    byPeer.remove(peer, connection);
    has(connection, 0);
  }

  /** A connection has so much now. */
  void has(PartialConnection connection, long now) {
    for (PartialConnection oldest : count(connection, now)) {
      ended.accept(oldest.end());
    }
  }

  /** Whose turn it is to end. */
  private synchronized List<PartialConnection> count(PartialConnection connection, long now) {
    Long before = now == 0 ? partial.remove(connection) : partial.put(connection, now);
    bytes += now - (before == null ? 0 : before);
    List<PartialConnection> tooMuch = new ArrayList<>();
    while (bytes > most && !partial.isEmpty()) {
      Map.Entry<PartialConnection, Long> oldest = partial.pollFirstEntry();
      bytes -= oldest.getValue();
      tooMuch.add(oldest.getKey());
    }
    return tooMuch;
  }

  synchronized long bytes() {
    return bytes;
  }
}
