package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.manager.HttpChain;
import dev.weir.sidecar.manager.ManagerStats;
import dev.weir.sidecar.rbac.Call;
import dev.weir.sidecar.runtime.Departures;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.tcp.TcpStats;
import dev.weir.sidecar.telemetry.StreamObserver;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A filter chain as it lives: its connections are bound to it; what their next streams are made
 * with can be replaced.
 */
final class LiveChain implements Departures.Departed {
  private final StatScope scope;
  private volatile @Nullable ManagerStats stats;
  private volatile @Nullable TcpStats tcpStats;
  private final Map<Channel, Call> relays = new ConcurrentHashMap<>();
  private final Map<ServerConnection, Call> connections = new ConcurrentHashMap<>();
  private volatile CompiledListener.Chain compiled;
  private volatile Access access;
  private volatile boolean draining;

  LiveChain(CompiledListener.Chain compiled, Stats stats) {
    this.compiled = compiled;
    this.scope = stats.newScope();
    this.access = new Access(compiled.access(), scope);
    this.stats =
        compiled.filter() instanceof HttpConnectionManager manager
            ? new ManagerStats(scope, manager.statPrefix())
            : null;
    this.tcpStats =
        compiled.filter() instanceof TcpProxy tcp ? new TcpStats(scope, tcp.statPrefix()) : null;
  }

  CompiledListener.Chain compiled() {
    return compiled;
  }

  HttpChain http() {
    return compiled.http().orElseThrow();
  }

  ManagerStats stats() {
    return java.util.Objects.requireNonNull(stats);
  }

  /** Who is told of its relays now. */
  List<StreamObserver> relayObservers() {
    return compiled.relayObservers();
  }

  TcpStats tcpStats() {
    return java.util.Objects.requireNonNull(tcpStats);
  }

  /** Who may connect now. */
  Access access() {
    return access;
  }

  /**
   * A relayed connection begins; the result is to be run when it has ended. It is closed if what
   * allowed it has been replaced meanwhile. The relay's loop.
   *
   * @param call what was decided about
   */
  Runnable relayOpened(Channel relay, Call call) {
    relays.put(relay, call);
    // After it is on the list: a change of rules sees it there, or is seen here.
    if (refuses(call)) {
      relay.eventLoop().execute(relay::close);
    }
    return () -> relays.remove(relay);
  }

  private boolean refuses(Call call) {
    Access now = access;
    return !now.takesAll() && now.refusal(call, new StatSlab()) != null;
  }

  /** {@code next} differs in nothing that an open connection was built with. */
  boolean canBecome(CompiledListener.Chain next) {
    CompiledListener.Chain now = compiled;
    if (!now.match().equals(next.match()) || now.transport() != next.transport()) {
      return false;
    }
    return now.filter() instanceof HttpConnectionManager a
            && next.filter() instanceof HttpConnectionManager b
        ? connectionPart(a).equals(connectionPart(b))
        : now.filter() instanceof TcpProxy c
            && next.filter() instanceof TcpProxy d
            && withoutLogs(c).equals(withoutLogs(d));
  }

  /** What is told at the end of a relay is what is in force then. */
  private static TcpProxy withoutLogs(TcpProxy proxy) {
    return new TcpProxy(
        proxy.statPrefix(),
        proxy.clusters(),
        List.of(),
        proxy.idleTimeout(),
        proxy.maxConnectAttempts());
  }

  private static List<Object> connectionPart(HttpConnectionManager manager) {
    return List.of(
        manager.statPrefix(),
        manager.codec(),
        manager.limits(),
        manager.timeouts(),
        manager.http2());
  }

  /**
   * A relay of who may no longer connect is closed: it would go on for ever. A connection of HTTP
   * ends after the request it is at.
   */
  void become(CompiledListener.Chain next) {
    compiled = next;
    if (access.isOf(next.access())) {
      return;
    }
    Access now = new Access(next.access(), scope);
    access = now;
    StatSlab nowhere = new StatSlab();
    relays.forEach((channel, call) -> {
      if (now.refusal(call, nowhere) != null) {
        channel.close();
      }
    });
    connections.forEach((connection, call) -> {
      if (now.refusal(call, nowhere) != null) {
        connection.loop().eventLoop().execute(connection::drain);
      }
    });
  }

  /**
   * A connection of HTTP begins.
   *
   * @param call what was decided about
   */
  void add(ServerConnection connection, Call call) {
    connections.put(connection, call);
    if (draining || refuses(call)) {
      connection.loop().eventLoop().execute(connection::drain);
    }
  }

  void remove(ServerConnection connection) {
    connections.remove(connection);
  }

  /** Each connection ends after the request it is at. Any thread. */
  void drain() {
    draining = true;
    for (ServerConnection connection : connections.keySet()) {
      connection.loop().eventLoop().execute(connection::drain);
    }
  }

  /**
   * It is out of the configuration: it drains, and what comes to be one of its connections all the
   * same, after a handshake, is counted nowhere. Control thread.
   */
  void retire() {
    stats = ManagerStats.NOWHERE;
    tcpStats = TcpStats.NOWHERE;
    drain();
  }

  @Override
  public boolean unused() {
    return connections() == 0;
  }

  /** Its statistics end. */
  @Override
  public void letGo() {
    scope.close();
  }

  /** Any thread. */
  void closeConnections() {
    for (ServerConnection connection : connections.keySet()) {
      connection.loop().eventLoop().execute(connection::close);
    }
    relays.keySet().forEach(Channel::close);
  }

  int connections() {
    return connections.size() + relays.size();
  }
}
