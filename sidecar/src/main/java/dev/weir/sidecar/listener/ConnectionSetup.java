package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.detect.ClientHello;
import dev.weir.sidecar.detect.Detection;
import dev.weir.sidecar.http.CalledService;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.tcp.TcpProxyHandler;
import dev.weir.sidecar.transport.TransportSocket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A new connection's first handler: finds the connection's chain, looks at the first bytes where
 * that is asked for, and gives its place to the chain's handler. What it waits for in between are a
 * {@link Demand} for a chain, the {@link FirstBytes} of the client or its silence, a {@link
 * ServerAhead} that may speak before, and a transport socket. Event loop of the connection.
 */
final class ConnectionSetup extends ChannelInboundHandlerAdapter {
  /** Where {@code listener_filters_timeout} sets no limit: a client that has begun goes on... */
  private static final long MOST_LOOK_NANOS = Duration.ofSeconds(15).toNanos();

  /** ...and one that says nothing ends like an idle connection. */
  private static final long MOST_SILENCE_NANOS = Duration.ofHours(1).toNanos();

  private final Loop loop;
  private final ConnectionFactory connections;
  private final LiveListener accepting;
  private final FirstBytes first = new FirstBytes();
  private @Nullable NewConnection registered;

  /** Known at once, unless chains are told apart by what is spoken. */
  private @Nullable LiveChain chain;

  /** It waits for a chain that is asked for. */
  private @Nullable Demand demand;

  /** The transport socket of the chain is not ready yet. */
  private boolean securing;

  /** The client has said all while it waits for a chain. */
  private @Nullable Object inputEnd;

  private @Nullable LazyTimer silence;

  /** Where silence leads to a relay. */
  private @Nullable ServerAhead ahead;

  /** It was refused, and is about to be closed: what was under way still comes. */
  private boolean refused;

  ConnectionSetup(LiveListener accepting, Loop loop, ConnectionFactory connections) {
    this.accepting = accepting;
    this.loop = loop;
    this.connections = connections;
  }

  @Override
  public void channelRegistered(ChannelHandlerContext ctx) {
    NewConnection connection = NewConnection.accept(ctx.channel(), accepting, loop, connections);
    registered = connection;
    Destination destination = connection.destination();
    SocketAddress to = destination.address();
    CalledService service = destination.called();
    if (service != null) {
      choose(ctx, service.address());
    } else if (connection.listener().matcher().mayHaveChainLater(to, connection.from())) {
      demand(ctx, (InetSocketAddress) to);
    } else {
      choose(ctx, to);
    }
  }

  private NewConnection connection() {
    return Objects.requireNonNull(registered);
  }

  private LiveListener listener() {
    return connection().listener();
  }

  private void demand(ChannelHandlerContext ctx, InetSocketAddress to) {
    demand = Demand.of(connection(), to, () -> demanded(ctx, to));
    if (demand != null) {
      demand.begin();
    } else {
      choose(ctx, to);
    }
  }

  /** What came while it waited, in spite of that, comes now. */
  private void demanded(ChannelHandlerContext ctx, InetSocketAddress to) {
    demand = null;
    choose(ctx, to);
    if (!first.isEmpty() && !ctx.isRemoved() && !securing) {
      look(ctx, true);
    }
    Object end = inputEnd;
    inputEnd = null;
    if (end != null && ctx.isRemoved()) {
      ctx.fireUserEventTriggered(end);
    } else if (end != null) {
      userEventTriggered(ctx, end);
    }
  }

  private void choose(ChannelHandlerContext ctx, SocketAddress to) {
    if (listener().matcher().dependsOnBytes(to, connection().from())) {
      Listener.ListenerFilters filters = listener().config().filters();
      if (filters.timeout().isZero()) {
        expect(MOST_SILENCE_NANOS, ctx.channel()::close);
      } else {
        expect(filters.timeout().toNanos(), () -> firstBytesLate(ctx, filters.continueOnTimeout()));
      }
      if (filters.continueOnTimeout()) {
        letServerSpeak(ctx, to);
      }
      return;
    }
    LiveChain found = find(ctx, "", "raw_buffer", List.of());
    if (found == null) {
      return;
    }
    if (found.compiled().transport().plain()) {
      serve(ctx, found, "");
    } else {
      secure(ctx, found);
    }
  }

  /**
   * Gives plain bytes of {@code found} to its filter.
   *
   * @param agreed by ALPN; empty for nothing
   */
  private void serve(ChannelHandlerContext ctx, LiveChain found, String agreed) {
    if (isRefused(ctx, found)) {
      return;
    }
    switch (found.compiled().filter()) {
      case TcpProxy ignored -> become(ctx, connection().relay(found));
      case HttpConnectionManager manager -> {
        chain = found;
        switch (manager.codec()) {
          case HTTP1 -> become(ctx, found, Protocol.HTTP1);
          case HTTP2 -> become(ctx, found, Protocol.HTTP2);
          case AUTO -> {
            switch (agreed) {
              case "h2" -> become(ctx, found, Protocol.HTTP2);
              case "http/1.1", "http/1.0" -> become(ctx, found, Protocol.HTTP1);
              // The first bytes tell; a connection that never says a word ends like an idle one.
              default -> expect(manager.timeouts().idle().toNanos(), ctx.channel()::close);
            }
          }
        }
      }
    }
  }

  /** Puts the transport socket of {@code found} before this, and gives it what was looked at. */
  private void secure(ChannelHandlerContext ctx, LiveChain found) {
    securing = true;
    if (ahead != null) {
      ahead.clientIsFirst();
      ahead.cancel();
      ahead = null;
    }
    if (silence != null) {
      silence.cancel();
      silence = null;
    }
    CompiledListener.Chain compiled = found.compiled();
    compiled
        .transport()
        .attach(
            ctx.channel(),
            new TransportSocket.Attachment(
                loop,
                connection().slab(),
                listener().tls,
                compiled.handshakeLimit().toNanos(),
                List.of(),
                compiled.filter() instanceof TcpProxy,
                null),
            new TransportSocket.Outcome() {
              @Override
              public void attached() {
                ByteBuf read = first.take();
                if (read != null) {
                  ctx.pipeline().fireChannelRead(read);
                  ctx.pipeline().fireChannelReadComplete();
                }
              }

              @Override
              public void ready(String protocol) {
                securing = false;
                serve(ctx, found, protocol);
              }

              @Override
              public void failed(boolean timeout, String reason) {
                refuse(ctx, reason);
              }
            });
  }

  private void letServerSpeak(ChannelHandlerContext ctx, SocketAddress to) {
    ahead =
        ServerAhead.of(connection(), to, (handler, call) -> becomeAfterServer(ctx, handler, call));
    if (ahead != null) {
      ahead.begin();
    }
  }

  /**
   * The server has spoken to a client that was silent: one that wants TLS after all is too late.
   */
  private void becomeAfterServer(
      ChannelHandlerContext ctx, TcpProxyHandler handler, ServerFirst.Call call) {
    if (call.client() != null && first.isEmpty()) {
      Runnable told =
          () -> {
            connections.serverFirst().forget(call);
            connection().tellRefused("its TLS began after the server had spoken");
          };
      ctx.pipeline().addBefore(ctx.name(), "late-hello", new LateHello(told));
    }
    connection().cameInPlainText();
    become(ctx, handler);
  }

  /** It may not connect to {@code found}, and is closed. */
  private boolean isRefused(ChannelHandlerContext ctx, LiveChain found) {
    String why = connection().refusal(found);
    if (why != null) {
      refuse(ctx, why);
    }
    return why != null;
  }

  private void expect(long nanos, Runnable late) {
    if (nanos > 0) {
      silence = new LazyTimer(loop, late);
      silence.set(loop.nanoTime() + nanos);
    }
  }

  private @Nullable LiveChain find(
      ChannelHandlerContext ctx, String serverName, String transport, List<String> protocols) {
    LiveChain found = connection().find(serverName, transport, protocols);
    if (found == null) {
      refuse(ctx, connection().noChain(transport, protocols));
    }
    return found;
  }

  /** Closes it. Nothing is looked at any more: each look would find another reason. */
  private void refuse(ChannelHandlerContext ctx, String reason) {
    refused = true;
    release();
    connection().tellRefused(reason);
    ctx.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (securing || refused) {
      in.release(); // nothing comes through before it is ready
      return;
    }
    boolean begins = first.add(in);
    if (demand == null) { // A client that ended is read whether that is asked for or not.
      look(ctx, begins);
    }
  }

  /**
   * @param begins whether it is the first of what is said that is looked at
   */
  private void look(ChannelHandlerContext ctx, boolean begins) {
    if (ahead != null) {
      ahead.clientSpoke();
    }
    LiveChain known = chain;
    Detection detection = first.detect(known != null);
    if (known != null) {
      switch (detection) {
        case HTTP1 -> become(ctx, known, Protocol.HTTP1);
        case HTTP2 -> become(ctx, known, Protocol.HTTP2);
        case TLS, OPAQUE, NEED_MORE -> firstBytesFew(known);
      }
      return;
    }
    decided(ctx, detection);
    if (!ctx.isRemoved()
        && !refused
        && silence != null
        && begins
        && listener().config().filters().timeout().isZero()) {
      silence.setEarlier(loop.nanoTime() + MOST_LOOK_NANOS); // what has begun must go on
    }
  }

  /** What has begun must go on within the time that a request's head has. */
  private void firstBytesFew(LiveChain known) {
    if (silence != null && known.compiled().filter() instanceof HttpConnectionManager manager) {
      long limit = manager.timeouts().requestHeaders().toNanos();
      if (limit > 0) {
        silence.setEarlier(loop.nanoTime() + limit);
      }
    }
  }

  private void decided(ChannelHandlerContext ctx, Detection detection) {
    LiveChain found =
        switch (detection) {
          case TLS -> ofHello(ctx);
          case HTTP1 -> find(ctx, "", "raw_buffer", List.of(first.version()));
          case HTTP2 -> find(ctx, "", "raw_buffer", List.of("h2c"));
          case OPAQUE -> find(ctx, "", "raw_buffer", List.of());
          case NEED_MORE -> null;
        };
    if (found != null && !found.compiled().transport().plain()) {
      secure(ctx, found);
    } else if (found != null && !isRefused(ctx, found)) {
      if (!first.isEmpty()) {
        connection().cameInPlainText();
      }
      switch (found.compiled().filter()) {
        case TcpProxy ignored -> {
          TcpProxyHandler under = ahead == null ? null : ahead.take(found);
          become(ctx, under == null ? connection().relay(found) : under);
        }
        case HttpConnectionManager ignored -> {
          if (ahead != null) {
            ahead.clientIsFirst();
          }
          become(ctx, found, detection == Detection.HTTP2 ? Protocol.HTTP2 : Protocol.HTTP1);
        }
      }
    }
  }

  /** Null too while the hello is not whole. What is none after all is nothing we know. */
  private @Nullable LiveChain ofHello(ChannelHandlerContext ctx) {
    return switch (first.hello()) {
      case ClientHello.Look.Incomplete() -> null;
      case ClientHello.Look.Malformed() -> find(ctx, "", "raw_buffer", List.of());
      case ClientHello.Look.Hello(String serverName, List<String> protocols) ->
          find(ctx, serverName, "tls", protocols);
    };
  }

  private void firstBytesLate(ChannelHandlerContext ctx, boolean goOn) {
    if (goOn) {
      decided(ctx, Detection.OPAQUE);
    } else {
      ctx.close();
    }
  }

  private void become(ChannelHandlerContext ctx, LiveChain found, Protocol protocol) {
    become(ctx, connection().codec(found, protocol));
  }

  private void become(ChannelHandlerContext ctx, ChannelHandler handler) {
    ByteBuf read = first.take();
    ctx.pipeline().replace(this, "codec", handler);
    if (read != null) {
      ctx.fireChannelRead(read); // to the handler that has this one's place
      ctx.fireChannelReadComplete();
    }
  }

  /**
   * The client has said all, and it was not enough to tell: to a chain of HTTP that is nothing, but
   * another may know what it means.
   */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof ChannelInputShutdownEvent) || refused) {
      return;
    }
    if (demand != null) {
      inputEnd = event;
      return;
    }
    if (chain == null && (!first.isEmpty() || ahead != null) && !securing) {
      decided(ctx, Detection.OPAQUE);
    }
    if (ctx.isRemoved()) {
      ctx.fireUserEventTriggered(event);
    } else {
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    release();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    release();
  }

  private void release() {
    if (demand != null) {
      demand.end();
      demand = null;
    }
    if (silence != null) {
      silence.cancel();
    }
    if (ahead != null) {
      ahead.cancel();
    }
    first.release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    loop.incidents().reportUnlessIo("a new connection", cause);
    ctx.close();
  }
}
