package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.OnDemand;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.demand.Destinations;
import dev.weir.sidecar.detect.ClientHello;
import dev.weir.sidecar.detect.Detection;
import dev.weir.sidecar.detect.Detector;
import dev.weir.sidecar.http.CalledService;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.rbac.Call;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.tcp.ConnectionLine;
import dev.weir.sidecar.tcp.TcpProxyHandler;
import dev.weir.sidecar.transport.TlsSession;
import dev.weir.sidecar.transport.TransportSocket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A new connection's first handler: finds its destination and its chain, looks at the first bytes
 * where that is asked for, and gives its place to the chain's handler.
 */
final class ConnectionSetup extends ChannelInboundHandlerAdapter {
  /** First bytes that are looked at, at most. */
  private static final int MAX_LOOK = 16 << 10;

  /** Where {@code listener_filters_timeout} sets no limit: a client that has begun goes on... */
  private static final long MOST_LOOK_NANOS = Duration.ofSeconds(15).toNanos();

  /** ...and one that says nothing ends like an idle connection. */
  private static final long MOST_SILENCE_NANOS = Duration.ofHours(1).toNanos();

  private final Loop loop;
  private final ConnectionFactory connections;
  private LiveListener listener;
  private @Nullable Destination destination;
  private long acceptedNanos;

  /** Known at once, unless chains are told apart by what is spoken. */
  private @Nullable LiveChain chain;

  /** It waits for a chain that is asked for. */
  private Destinations.@Nullable Waiting demanded;

  /** The transport socket of the chain is not ready yet. */
  private boolean securing;

  private @Nullable ByteBuf first;

  /** The client has said all while it waits for a chain. */
  private @Nullable Object inputEnd;

  private @Nullable LazyTimer silence;

  /** Where silence leads to a relay. */
  private @Nullable ServerAhead ahead;

  /** It was refused, and is about to be closed: what was under way still comes. */
  private boolean refused;

  ConnectionSetup(LiveListener listener, Loop loop, ConnectionFactory connections) {
    this.listener = listener;
    this.loop = loop;
    this.connections = connections;
  }

  @Override
  public void channelRegistered(ChannelHandlerContext ctx) {
    Channel channel = ctx.channel();
    acceptedNanos = loop.nanoTime();
    StatSlab slab = connections.slab(loop);
    slab.inc(listener.cxTotal);
    slab.inc(listener.cxActive);
    LiveListener accepted = listener;
    channel.closeFuture().addListener(closed -> slab.dec(accepted.cxActive));
    accepted.opened(channel); // after that, so that it counts down last
    Listener config = listener.config();
    SocketAddress to =
        config.useOriginalDst() || config.filters().originalDst()
            ? OriginalDestination.of(channel)
            : channel.localAddress();
    destination = new Destination(to, !to.equals(channel.localAddress()));
    if (config.useOriginalDst() && destination.redirected()) {
      LiveListener taking = connections.byDestination(to);
      if (taking != null) {
        listener = taking;
        taking.opened(channel);
      }
    }
    CalledService service = serviceOf(to, channel.remoteAddress());
    if (service != null) {
      destination = new Destination(to, true, service);
      choose(ctx, service.address());
    } else if (listener.matcher().mayHaveChainLater(to, channel.remoteAddress())) {
      demand(ctx, (InetSocketAddress) to);
    } else {
      choose(ctx, to);
    }
  }

  /** The service whose instance is at {@code to}; null: there is no such service. */
  private @Nullable CalledService serviceOf(SocketAddress to, SocketAddress from) {
    return listener.instances().isEmpty()
            || !java.util.Objects.requireNonNull(destination).redirected()
            || listener.matcher().knows(to, from)
        ? null
        : connections.serviceOf(to, listener.instances());
  }

  /** Nothing is read until a chain for {@code to} has come, or there is none. */
  private void demand(ChannelHandlerContext ctx, InetSocketAddress to) {
    String name = Destinations.name(to);
    Destinations destinations = connections.destinations();
    Optional<OnDemand> filter = listener.config().filters().onDemand();
    if (filter.isEmpty() || destinations.isInVain(name)) {
      choose(ctx, to);
      return;
    }
    ctx.channel().config().setAutoRead(false);
    expect(
        filter.get().timeout().toNanos(),
        () -> {
          connections.slab(loop).inc(listener.onDemandTimeout);
          destinations.late(name);
          demanded(ctx, to);
        });
    demanded =
        destinations.await(
            name,
            loop,
            () -> {
              if (demanded != null
                  && (destinations.isInVain(name)
                      || !listener
                          .matcher()
                          .mayHaveChainLater(to, ctx.channel().remoteAddress()))) {
                demanded(ctx, to);
              }
            });
  }

  /** What came while it waited, in spite of that, comes now. */
  private void demanded(ChannelHandlerContext ctx, InetSocketAddress to) {
    endDemand();
    if (silence != null) {
      silence.cancel();
      silence = null;
    }
    ctx.channel().config().setAutoRead(true); // before a relay stops it again
    choose(ctx, to);
    if (first != null && !ctx.isRemoved() && !securing) {
      look(ctx, first, true);
    }
    Object end = inputEnd;
    inputEnd = null;
    if (end != null && ctx.isRemoved()) {
      ctx.fireUserEventTriggered(end);
    } else if (end != null) {
      userEventTriggered(ctx, end);
    }
  }

  private void endDemand() {
    if (demanded != null) {
      demanded.end();
      demanded = null;
    }
  }

  private void choose(ChannelHandlerContext ctx, SocketAddress to) {
    if (listener.matcher().dependsOnBytes(to, ctx.channel().remoteAddress())) {
      Listener.ListenerFilters filters = listener.config().filters();
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
      case TcpProxy ignored -> become(ctx, relay(ctx, found));
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
                connections.slab(loop),
                listener.tls,
                compiled.handshakeLimit().toNanos(),
                List.of(),
                compiled.filter() instanceof TcpProxy,
                null),
            new TransportSocket.Outcome() {
              @Override
              public void attached() {
                ByteBuf read = first;
                first = null;
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
    ConnectionFacts silent =
        new ConnectionFacts(to, ctx.channel().remoteAddress(), "", "raw_buffer", List.of());
    LiveChain relay = listener.matcher().find(silent);
    if (relay != null
        && relay.access().refusal(call(ctx), new StatSlab()) == null
        && relay.compiled().filter() instanceof TcpProxy
        && relay.compiled().transport().plain()) {
      boolean secured = listener.matcher().mayBeSecured(to, ctx.channel().remoteAddress());
      ServerFirst.Call call =
          new ServerFirst.Call(
              to,
              secured && ctx.channel().remoteAddress() instanceof InetSocketAddress client
                  ? client.getAddress()
                  : null);
      ahead =
          new ServerAhead(
              loop,
              relay,
              connections.serverFirst(),
              call,
              ctx.channel(),
              () -> relay(ctx, relay),
              handler -> becomeAfterServer(ctx, handler, call));
      ahead.begin();
    }
  }

  /**
   * The server has spoken to a client that was silent: one that wants TLS after all is too late.
   */
  private void becomeAfterServer(
      ChannelHandlerContext ctx, TcpProxyHandler handler, ServerFirst.Call call) {
    if (call.client() != null && first == null) {
      Runnable told =
          () -> {
            connections.serverFirst().forget(call);
            tell(
                ctx,
                connections.refusals(),
                "refused",
                "its TLS began after the server had spoken");
          };
      ctx.pipeline().addBefore(ctx.name(), "late-hello", new LateHello(told));
    }
    cameInPlainText(ctx);
    become(ctx, handler);
  }

  private TcpProxyHandler relay(ChannelHandlerContext ctx, LiveChain found) {
    return connections.tcp(
        ctx.channel(),
        found,
        loop,
        java.util.Objects.requireNonNull(destination),
        call(ctx),
        line(ctx, found),
        why -> tell(ctx, connections.failures(), "failed", why));
  }

  private ConnectionLine line(ChannelHandlerContext ctx, LiveChain found) {
    ConnectionLine line =
        new ConnectionLine(
            loop,
            ctx.channel(),
            java.util.Objects.requireNonNull(destination),
            acceptedNanos,
            found::relayLogs);
    found.access().note(call(ctx), line.info());
    return line;
  }

  private Call call(ChannelHandlerContext ctx) {
    return new Call(
        null,
        ctx.channel().remoteAddress(),
        java.util.Objects.requireNonNull(destination).address(),
        TlsSession.of(ctx.channel()),
        null);
  }

  /** It may not connect to {@code found}, and is closed. */
  private boolean isRefused(ChannelHandlerContext ctx, LiveChain found) {
    Access access = found.access();
    Access.Refusal why =
        access.takesAll() ? null : access.refusal(call(ctx), connections.slab(loop));
    if (why != null) {
      if (found.compiled().filter() instanceof TcpProxy) {
        line(ctx, found).refused(why.details(), why.cause());
      }
      refuse(ctx, why.words());
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
    ConnectionFacts facts =
        new ConnectionFacts(
            java.util.Objects.requireNonNull(destination).taken(),
            ctx.channel().remoteAddress(),
            serverName,
            transport,
            protocols);
    LiveChain found = listener.matcher().find(facts);
    if (found == null) {
      connections.slab(loop).inc(listener.noChain);
      refuse(
          ctx,
          transport.equals("tls")
              ? "no chain takes TLS with these protocols: " + protocols
              : "no chain takes plain text");
    }
    return found;
  }

  /** Closes it. Nothing is looked at any more: each look would find another reason. */
  private void refuse(ChannelHandlerContext ctx, String reason) {
    refused = true;
    release();
    tell(ctx, connections.refusals(), "refused", reason);
    ctx.close();
  }

  /** Whoever asks what became of a caller finds its address and the reason. */
  private void tell(ChannelHandlerContext ctx, FoldedLog log, String became, String reason) {
    String where = "listener " + listener.config().name();
    String to = text(java.util.Objects.requireNonNull(destination).address());
    String what = where + ": connection to " + to + " " + became + ": " + reason;
    String from = text(ctx.channel().remoteAddress());
    log.tell(what, () -> what + "; from " + from, times -> what + "; " + times + " times more");
  }

  private static String text(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? NetUtil.toSocketAddressString(inet)
        : String.valueOf(address);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (securing || refused) {
      in.release(); // nothing comes through before it is ready
      return;
    }
    ByteBuf before = first;
    ByteBuf all = in;
    if (before != null) {
      // Copied, not chained: a head that comes byte by byte would nest thousands deep.
      all = before.writeBytes(in);
      in.release();
    }
    first = all;
    if (demanded == null) { // A client that ended is read whether that is asked for or not.
      look(ctx, all, before == null);
    }
  }

  /**
   * @param all what has been said so far
   * @param begins whether it is the first of it that is looked at
   */
  private void look(ChannelHandlerContext ctx, ByteBuf all, boolean begins) {
    if (ahead != null) {
      ahead.clientSpoke();
    }
    LiveChain known = chain;
    Detection detection = known != null ? Detector.http(all) : Detector.any(all);
    if (detection == Detection.NEED_MORE && all.readableBytes() >= MAX_LOOK) {
      detection = Detection.OPAQUE;
    }
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
        && listener.config().filters().timeout().isZero()) {
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
          case HTTP1 ->
              find(
                  ctx,
                  "",
                  "raw_buffer",
                  List.of(first == null ? "http/1.1" : Detector.version(first)));
          case HTTP2 -> find(ctx, "", "raw_buffer", List.of("h2c"));
          case OPAQUE -> find(ctx, "", "raw_buffer", List.of());
          case NEED_MORE -> null;
        };
    if (found != null && !found.compiled().transport().plain()) {
      secure(ctx, found);
    } else if (found != null && !isRefused(ctx, found)) {
      if (first != null) {
        cameInPlainText(ctx);
      }
      switch (found.compiled().filter()) {
        case TcpProxy ignored -> {
          TcpProxyHandler under = ahead == null ? null : ahead.take(found);
          become(ctx, under == null ? relay(ctx, found) : under);
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

  /** Noted, where it could have come by mutual TLS. */
  private void cameInPlainText(ChannelHandlerContext ctx) {
    SocketAddress to = java.util.Objects.requireNonNull(destination).address();
    SocketAddress from = ctx.channel().remoteAddress();
    if (listener.config().direction() == TrafficDirection.INBOUND
        && listener.matcher().mayBeSecured(to, from)) {
      connections.plainCallers().came(to, from, loop.nanoTime());
    }
  }

  /** Null too while the hello is not whole. What is none after all is nothing we know. */
  private @Nullable LiveChain ofHello(ChannelHandlerContext ctx) {
    ByteBuf read = java.util.Objects.requireNonNull(first);
    return switch (ClientHello.look(read, MAX_LOOK)) {
      // One in tiny records is six times its size on the wire: that is not waited for.
      case ClientHello.Look.Incomplete() ->
          read.readableBytes() < 2 * MAX_LOOK ? null : find(ctx, "", "raw_buffer", List.of());
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
    become(
        ctx,
        connections.codec(
            ctx.channel(),
            found,
            loop,
            listener.config().direction(),
            java.util.Objects.requireNonNull(destination),
            call(ctx),
            protocol));
  }

  private void become(ChannelHandlerContext ctx, ChannelHandler handler) {
    ByteBuf read = first;
    first = null;
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
    if (demanded != null) {
      inputEnd = event;
      return;
    }
    if (chain == null && (first != null || ahead != null) && !securing) {
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
    endDemand();
    if (silence != null) {
      silence.cancel();
    }
    if (ahead != null) {
      ahead.cancel();
    }
    ByteBuf read = first;
    if (read != null) {
      first = null;
      read.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    loop.incidents().reportUnlessIo("a new connection", cause);
    ctx.close();
  }
}
