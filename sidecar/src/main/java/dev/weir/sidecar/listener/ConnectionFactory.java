package dev.weir.sidecar.listener;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.demand.Destinations;
import dev.weir.sidecar.http.CalledService;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.h1.Http1ServerConnection;
import dev.weir.sidecar.http.h2.Http2ServerConnection;
import dev.weir.sidecar.manager.ConnectionManager;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.rbac.Call;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.MaxAge;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.tcp.ConnectionLine;
import dev.weir.sidecar.tcp.TcpProxyHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.net.SocketAddress;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes the codec of a connection whose chain is known. */
public final class ConnectionFactory {
  private final Stats stats;
  private final ClusterManager clusters;
  private final Connector connector;
  private final Destinations destinations;
  private final FoldedLog refusals;
  private final FoldedLog failures;
  private final ServerFirst serverFirst = new ServerFirst();
  private final PlainCallers plainCallers = new PlainCallers();
  private Function<SocketAddress, @Nullable LiveListener> byDestination = destination -> null;

  /**
   * @param refusals told of connections that no chain takes, and of handshakes that fail
   * @param failures told of connections that are relayed, but meet nobody, and of those that cannot
   *     be accepted
   */
  public ConnectionFactory(
      Stats stats,
      ClusterManager clusters,
      Connector connector,
      Destinations destinations,
      FoldedLog refusals,
      FoldedLog failures) {
    this.refusals = refusals;
    this.failures = failures;
    this.stats = stats;
    this.clusters = clusters;
    this.connector = connector;
    this.destinations = destinations;
  }

  Destinations destinations() {
    return destinations;
  }

  FoldedLog refusals() {
    return refusals;
  }

  FoldedLog failures() {
    return failures;
  }

  ServerFirst serverFirst() {
    return serverFirst;
  }

  PlainCallers plainCallers() {
    return plainCallers;
  }

  void listeners(Function<SocketAddress, @Nullable LiveListener> lookup) {
    byDestination = lookup;
  }

  @Nullable LiveListener byDestination(SocketAddress destination) {
    return byDestination.apply(destination);
  }

  /** The service whose instance is at {@code to}; null: it is none of {@code services}. */
  @Nullable CalledService serviceOf(SocketAddress to, ServiceInstances services) {
    return services.serviceOf(to, clusters);
  }

  StatSlab slab(Loop loop) {
    return stats.slab(loop.index());
  }

  /** The handler that speaks {@code protocol} for a connection of {@code chain}. */
  ChannelHandler codec(
      Channel channel,
      LiveChain chain,
      Loop loop,
      TrafficDirection direction,
      Destination destination,
      Call call,
      Protocol protocol) {
    HttpConnectionManager config = (HttpConnectionManager) chain.compiled().filter();
    Registration registration = new Registration(chain, call);
    ConnectionManager manager =
        new ConnectionManager(chain::http, chain.stats(), slab(loop), registration);
    return switch (protocol) {
      case HTTP1 -> {
        var made = new Http1ServerConnection(loop, config, direction, destination, manager);
        limitAge(channel, made, chain);
        yield registration.of(made);
      }
      case HTTP2 -> {
        var made = Http2ServerConnection.create(loop, config, direction, destination, manager);
        limitAge(channel, made, chain);
        yield registration.of(made);
      }
    };
  }

  private void limitAge(Channel channel, ServerConnection connection, LiveChain chain) {
    HttpConnectionManager config = (HttpConnectionManager) chain.compiled().filter();
    Loop loop = connection.loop();
    MaxAge.limit(
        channel,
        loop,
        config.timeouts().maxConnectionDuration(),
        () -> {
          slab(loop).inc(chain.stats().cxMaxDurationReached);
          connection.drain();
        });
  }

  /**
   * The handler that relays a connection of {@code chain}.
   *
   * @param failed told why nobody was met
   */
  TcpProxyHandler tcp(
      Channel channel,
      LiveChain chain,
      Loop loop,
      Destination destination,
      Call call,
      ConnectionLine line,
      Consumer<String> failed) {
    TcpProxy config = (TcpProxy) chain.compiled().filter();
    return new TcpProxyHandler(
        config,
        chain.tcpStats(),
        loop,
        slab(loop),
        clusters,
        connector,
        destination,
        line,
        failed,
        chain.relayOpened(channel, call));
  }

  /** Takes a connection off its chain's list when it closes. */
  private static final class Registration implements Runnable {
    private final LiveChain chain;
    private final Call call;
    private @Nullable ServerConnection connection;

    Registration(LiveChain chain, Call call) {
      this.chain = chain;
      this.call = call;
    }

    <T extends ServerConnection> T of(T made) {
      connection = made;
      chain.add(made, call);
      return made;
    }

    @Override
    public void run() {
      if (connection != null) {
        chain.remove(connection);
      }
    }
  }
}
