package dev.weir.control.server;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what all clients together have sent of requests that are not whole, or not asked for yet:
 * gRPC keeps it until it is, of each stream up to the longest request. When it is too much, those
 * connections end that have had some for long and made no request whole: who means well has sent
 * the rest since. When it is twice too much and nobody had the time, the newest ends, which loses
 * least. Before a server's acceptor; any thread.
 */
@ChannelHandler.Sharable
public final class PartialRequests extends ChannelInboundHandlerAdapter {
  private static final long LONG_NANOS = Duration.ofSeconds(10).toNanos();

  private record Held(long bytes, long since) {}

  private final long most;
  private final LongSupplier nanos;
  private final Consumer<SocketAddress> ended;
  private final Map<SocketAddress, PartialConnection> byPeer = new ConcurrentHashMap<>();

  /** Those that have some, in the order in which they began to, or went on. */
  private final SequencedMap<PartialConnection, Held> partial = new LinkedHashMap<>();

  private long bytes;

  /**
   * @param most bytes of all connections
   * @param nanos a clock that nobody sets
   * @param ended is told whose connection was ended for that, on an event loop
   */
  public PartialRequests(long most, LongSupplier nanos, Consumer<SocketAddress> ended) {
    this.most = most;
    this.nanos = nanos;
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
    has(connection, 0, false);
  }

  /**
   * A connection has so much now.
   *
   * @param wentOn one of its requests has become whole
   */
  void has(PartialConnection connection, long now, boolean wentOn) {
    for (PartialConnection each : count(connection, now, wentOn)) {
      ended.accept(each.end());
    }
  }

  /** Whose turn it is to end. */
  private synchronized List<PartialConnection> count(
      PartialConnection connection, long now, boolean wentOn) {
    long time = nanos.getAsLong();
    Held before = partial.get(connection);
    bytes += now - (before == null ? 0 : before.bytes());
    if (now == 0 || wentOn) {
      partial.remove(connection); // its place in the order too
    }
    if (now != 0) {
      partial.put(connection, new Held(now, before == null || wentOn ? time : before.since()));
    }
    List<PartialConnection> tooMuch = new ArrayList<>();
    while (bytes > most && !partial.isEmpty()) {
      boolean old = time - partial.firstEntry().getValue().since() >= LONG_NANOS;
      if (!old && bytes <= 2 * most) {
        break;
      }
      var ending = old ? partial.pollFirstEntry() : partial.pollLastEntry();
      bytes -= ending.getValue().bytes();
      tooMuch.add(ending.getKey());
    }
    return tooMuch;
  }

  synchronized long bytes() {
    return bytes;
  }
}
