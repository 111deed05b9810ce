package dev.weir.control.server.partial;

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
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what all clients together have sent of requests that are not whole, or not asked for yet:
 * gRPC keeps it until it is, of each stream up to the longest request. When it is too much, those
 * connections end that have owed the rest of a request for long. When it is twice too much and
 * nobody has, the newest ends, which loses least. Before a server's acceptor; any thread.
 */
@ChannelHandler.Sharable
public final class PartialRequests extends ChannelInboundHandlerAdapter {
  private static final long LONG_NANOS = Duration.ofSeconds(10).toNanos();

  /**
   * @param owes the rest of a request is to come
   * @param since when it began to owe, or was told last
   */
  private record Held(long bytes, boolean owes, long since) {}

  private final long most;
  private final LongSupplier nanos;
  private final Consumer<SocketAddress> ended;
  private final Map<SocketAddress, PartialConnection> byPeer = new ConcurrentHashMap<>();

  /** Those that have some, in the order of their times. */
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
    has(connection, 0, false, false);
  }

  /**
   * A connection has so much now.
   *
   * @param owes it has sent a part of a request and not the rest
   * @param wentOn one of its requests has become whole since
   */
  void has(PartialConnection connection, long now, boolean owes, boolean wentOn) {
    for (PartialConnection each : count(connection, now, owes, wentOn)) {
      ended.accept(each.end());
    }
  }

  /** Whose turn it is to end. */
  private synchronized List<PartialConnection> count(
      PartialConnection connection, long now, boolean owes, boolean wentOn) {
    long time = nanos.getAsLong();
    Held before = partial.get(connection);
    bytes += now - (before == null ? 0 : before.bytes());
    boolean still = before != null && before.owes() && owes && !wentOn;
    long since = before != null && still ? before.since() : time;
    if (!still) {
      partial.remove(connection); // its place in the order too
    }
    if (now != 0) {
      partial.put(connection, new Held(now, owes, since));
    }
    List<PartialConnection> tooMuch = new ArrayList<>();
    while (bytes > most) {
      PartialConnection ending = late(time);
      if (ending == null && bytes > 2 * most) {
        ending = partial.lastEntry().getKey();
      }
      if (ending == null) {
        break;
      }
      bytes -= Objects.requireNonNull(partial.remove(ending)).bytes();
      tooMuch.add(ending);
    }
    return tooMuch;
  }

  /** Who has owed longest, and for long; null for nobody. */
  private @Nullable PartialConnection late(long time) {
    for (Map.Entry<PartialConnection, Held> each : partial.entrySet()) {
      if (each.getValue().owes()) {
        return time - each.getValue().since() < LONG_NANOS ? null : each.getKey();
      }
    }
    return null;
  }

  synchronized long bytes() {
    return bytes;
  }

  /** How many connections owe the rest of a request. */
  synchronized long owing() {
    return partial.values().stream().filter(Held::owes).count();
  }
}
