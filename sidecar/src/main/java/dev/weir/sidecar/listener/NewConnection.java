package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.CalledService;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.rbac.Call;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.SocketAddresses;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.tcp.ConnectionLine;
import dev.weir.sidecar.tcp.TcpProxyHandler;
import dev.weir.sidecar.transport.TlsSession;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose chain is looked for: which listener has it and where it goes, which is known
 * once it is accepted, and what is made of it once its chain is known. Event loop of the
 * connection.
 */
final class NewConnection {
  private final Channel channel;
  private final LiveListener listener;
  private final Destination destination;
  private final long acceptedNanos;
  private final Loop loop;
  private final ConnectionFactory connections;

  private NewConnection(
      Channel channel,
      LiveListener listener,
      Destination destination,
      long acceptedNanos,
      Loop loop,
      ConnectionFactory connections) {
    this.channel = channel;
    this.listener = listener;
    this.destination = destination;
    this.acceptedNanos = acceptedNanos;
    this.loop = loop;
    this.connections = connections;
  }

  /** Counts it, and finds where it goes and whose it is: another listener may take it. */
  static NewConnection accept(
      Channel channel, LiveListener accepting, Loop loop, ConnectionFactory connections) {
    long acceptedNanos = loop.nanoTime();
    StatSlab slab = connections.slab(loop);
    slab.inc(accepting.cxTotal);
    slab.inc(accepting.cxActive);
    channel.closeFuture().addListener(closed -> slab.dec(accepting.cxActive));
    accepting.opened(channel); // after that, so that it counts down last
    Listener config = accepting.config();
    SocketAddress to =
        config.useOriginalDst() || config.filters().originalDst()
            ? OriginalDestination.of(channel)
            : channel.localAddress();
    boolean redirected = !to.equals(channel.localAddress());
    LiveListener listener = accepting;
    if (config.useOriginalDst() && redirected) {
      LiveListener taking = connections.byDestination(to);
      if (taking != null) {
        listener = taking;
        taking.opened(channel);
      }
    }
    CalledService service =
        redirected ? serviceOf(to, channel.remoteAddress(), listener, connections) : null;
    Destination destination =
        service == null ? new Destination(to, redirected) : new Destination(to, true, service);
    return new NewConnection(channel, listener, destination, acceptedNanos, loop, connections);
  }

  /** The service whose instance is at {@code to}; null: there is no such service. */
  private static @Nullable CalledService serviceOf(
      SocketAddress to, SocketAddress from, LiveListener listener, ConnectionFactory connections) {
    return listener.instances().isEmpty() || listener.matcher().knows(to, from)
        ? null
        : connections.serviceOf(to, listener.instances());
  }

  Loop loop() {
    return loop;
  }

  Channel channel() {
    return channel;
  }

  ConnectionFactory connections() {
    return connections;
  }

  StatSlab slab() {
    return connections.slab(loop);
  }

  LiveListener listener() {
    return listener;
  }

  Destination destination() {
    return destination;
  }

  SocketAddress from() {
    return channel.remoteAddress();
  }

  /**
   * The chain that takes it; null: none does, which is counted.
   *
   * @param transport {@code tls} or {@code raw_buffer}
   * @param protocols that its first bytes offer
   */
  @Nullable LiveChain find(String serverName, String transport, List<String> protocols) {
    ConnectionFacts facts =
        new ConnectionFacts(destination.taken(), from(), serverName, transport, protocols);
    LiveChain found = listener.matcher().find(facts);
    if (found == null) {
      slab().inc(listener.noChain);
    }
    return found;
  }

  /** Why {@link #find} has found none, in words. */
  String noChain(String transport, List<String> protocols) {
    if (!listener.matcher().knows(destination.taken(), from())) {
      return "no chain takes this address and port"
          + (listener.config().direction() == TrafficDirection.OUTBOUND
              ? ": no service of the mesh has them"
              : "");
    }
    return transport.equals("tls")
        ? "no chain takes TLS with these protocols: " + protocols
        : "no chain takes plain text";
  }

  /** Why it may not connect to {@code found}, in words; null: it may. */
  @Nullable String refusal(LiveChain found) {
    Access access = found.access();
    Access.Refusal why = access.takesAll() ? null : access.refusal(call(), slab());
    if (why == null) {
      return null;
    }
    if (found.compiled().filter() instanceof TcpProxy) {
      line(found).refused(why.details(), why.cause());
    }
    return why.words();
  }

  /** As policies see it. */
  Call call() {
    return new Call(null, from(), destination.address(), TlsSession.of(channel), null);
  }

  private ConnectionLine line(LiveChain found) {
    ConnectionLine line =
        new ConnectionLine(
            loop,
            channel,
            listener.config().direction(),
            destination,
            acceptedNanos,
            found::relayObservers);
    found.access().note(call(), line.info());
    return line;
  }

  /** The handler that relays it. */
  TcpProxyHandler relay(LiveChain found) {
    return connections.tcp(
        channel,
        found,
        loop,
        destination,
        call(),
        line(found),
        why -> tell(connections.failures(), "failed", why));
  }

  /** The handler that speaks {@code protocol} with it. */
  ChannelHandler codec(LiveChain found, Protocol protocol) {
    return connections.codec(
        channel, found, loop, listener.config().direction(), destination, call(), protocol);
  }

  /** Notes that it came in plain text, where it could have come by mutual TLS. */
  void cameInPlainText() {
    SocketAddress to = destination.address();
    if (listener.config().direction() == TrafficDirection.INBOUND
        && listener.matcher().mayBeSecured(to, from())) {
      connections.plainCallers().came(to, from(), loop.nanoTime());
    }
  }

  /** Says why it is closed. */
  void tellRefused(String reason) {
    tell(connections.refusals(), "refused", reason);
  }

  /** Whoever asks what became of a caller finds its address and the reason. */
  private void tell(FoldedLog log, String became, String reason) {
    String where = "listener " + listener.config().name();
    String to = SocketAddresses.text(destination.address());
    String what = where + ": connection to " + to + " " + became + ": " + reason;
    String from = SocketAddresses.text(from());
    log.tell(what, () -> what + "; from " + from, times -> what + "; " + times + " times more");
  }
}
