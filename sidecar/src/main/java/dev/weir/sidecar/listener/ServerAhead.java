package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.tcp.TcpProxyHandler;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The server of a client that is silent, where silence leads to a relay: it may be the first to
 * speak. It is connected to when the client has said nothing for a while, or at once if it spoke
 * first before; who speaks first decides. One that cannot be reached is tried again, ever more
 * seldom, while the client is silent; where the client surely waits for it, the client is told by a
 * close, as it would be without a proxy. Event loop of the connection.
 */
final class ServerAhead {
  private static final long MOST_PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

  private final LiveChain chain;
  private final ServerFirst known;
  private final ServerFirst.Call call;
  private final Channel client;
  private final Supplier<TcpProxyHandler> relays;
  private final Consumer<TcpProxyHandler> first;
  private final LazyTimer timer;
  private final Loop loop;

  /** When a client that wants TLS would have said so. */
  private final long hello;

  private long pauseNanos = ServerFirst.SILENCE_NANOS;
  private boolean silent = true;

  /** While it is not in place. */
  private @Nullable TcpProxyHandler relay;

  /**
   * @param chain where silence leads
   * @param call if it has a client, what the server says is kept back until TLS of that client
   *     would have begun
   * @param relays makes a relay of that chain
   * @param first given the relay that is to be put in place: the server has spoken, or ended
   */
  private ServerAhead(
      Loop loop,
      LiveChain chain,
      ServerFirst known,
      ServerFirst.Call call,
      Channel client,
      Supplier<TcpProxyHandler> relays,
      Consumer<TcpProxyHandler> first) {
    this.loop = loop;
    this.chain = chain;
    this.known = known;
    this.call = call;
    this.client = client;
    this.relays = relays;
    this.first = first;
    this.timer = new LazyTimer(loop, this::late);
    this.hello = loop.nanoTime() + (call.client() == null ? 0 : ServerFirst.HELLO_NANOS);
  }

  /**
   * That of a connection to {@code to} whose silence leads to a relay in plain text; null: its
   * silence leads elsewhere.
   *
   * @param first given the relay that is to be put in place, and what it was known by
   */
  static @Nullable ServerAhead of(
      NewConnection connection,
      SocketAddress to,
      BiConsumer<TcpProxyHandler, ServerFirst.Call> first) {
    SocketAddress from = connection.from();
    ChainMatcher matcher = connection.listener().matcher();
    LiveChain relay = matcher.find(new ConnectionFacts(to, from, "", "raw_buffer", List.of()));
    if (relay == null
        || relay.access().refusal(connection.call(), new StatSlab()) != null
        || !(relay.compiled().filter() instanceof TcpProxy)
        || !relay.compiled().transport().plain()) {
      return null;
    }
    boolean secured = matcher.mayBeSecured(to, from);
    ServerFirst.Call call =
        new ServerFirst.Call(
            to, secured && from instanceof InetSocketAddress client ? client.getAddress() : null);
    return new ServerAhead(
        connection.loop(),
        relay,
        connection.connections().serverFirst(),
        call,
        connection.channel(),
        () -> connection.relay(relay),
        handler -> first.accept(handler, call));
  }

  void begin() {
    if (known.expectedAt(call)) {
      connect();
    } else {
      timer.set(loop.nanoTime() + pauseNanos);
    }
  }

  private void connect() {
    TcpProxyHandler handler = relays.get();
    relay = handler;
    handler.connectAhead(client, this::acted, this::unconnected);
  }

  private void late() {
    if (relay == null) {
      connect();
    } else {
      place(true);
    }
  }

  /**
   * @param spoke it said something: an end alone is also that of a server that waited long enough
   */
  private void acted(boolean spoke) {
    if (spoke && call.client() != null && !silent) {
      return; // what the client has begun to say decides
    }
    if (spoke && !known.expectedAt(call) && loop.nanoTime() - hello < 0) {
      timer.set(hello);
    } else {
      place(spoke);
    }
  }

  private void place(boolean spoke) {
    if (spoke) {
      known.spoke(call);
    }
    TcpProxyHandler handler = relay;
    if (handler != null) {
      relay = null;
      first.accept(handler);
    }
  }

  private void unconnected() {
    TcpProxyHandler failed = relay;
    cancel();
    if (!silent) {
      return; // what it wants will be seen
    }
    if (known.expectedAt(call)) {
      if (failed != null) {
        failed.over();
      }
      TcpProxyHandler.notMet(client);
    } else {
      pauseNanos = Math.min(2 * pauseNanos, MOST_PAUSE_NANOS);
      timer.set(loop.nanoTime() + pauseNanos);
    }
  }

  /** The client has spoken, and waits for no server: no connection is begun any more. */
  void clientSpoke() {
    silent = false;
    timer.cancel();
  }

  /** What the client says is not this relay's: its server is not one that speaks first to it. */
  void clientIsFirst() {
    known.forget(call);
  }

  /** The relay that is under way, if {@code found} is its chain: it is the caller's now. */
  @Nullable TcpProxyHandler take(LiveChain found) {
    TcpProxyHandler handler = found == chain ? relay : null;
    if (handler != null) {
      relay = null;
    }
    return handler;
  }

  /** Nothing comes of it. */
  void cancel() {
    timer.cancel();
    TcpProxyHandler unused = relay;
    if (unused != null) {
      relay = null;
      unused.abandon();
    }
  }
}
