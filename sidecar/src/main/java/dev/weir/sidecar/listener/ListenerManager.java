package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.manager.HttpChain;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.runtime.Departures;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.runtime.SocketAddresses;
import dev.weir.sidecar.stats.Stats;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The listeners in force. Changes come from the control thread. */
public final class ListenerManager {
  /** For connections of listeners and chains that an update took out; Envoy's --drain-time-s. */
  private static final int MOST_DRAIN_MINUTES = 10;

  private final Loops loops;
  private final Stats stats;
  private final ConnectionFactory connections;
  private final Map<String, LiveListener> listeners = new ConcurrentHashMap<>();
  private final List<LiveListener> draining = new CopyOnWriteArrayList<>();

  private final Departures departures;

  /** Those in force that could not listen yet. Control thread. */
  private final List<CompiledListener> unbound = new ArrayList<>();

  /** Control thread. */
  private boolean stopping;

  public ListenerManager(Loops loops, Stats stats, ConnectionFactory connections) {
    this.loops = loops;
    this.departures = new Departures(loops);
    this.stats = stats;
    this.connections = connections;
    connections.listeners(this::byDestination);
  }

  /**
   * Makes {@code next} the listeners in force. One whose new address cannot be had goes on at its
   * old one, unless that is needed. Control thread.
   *
   * @return what could not be done; the rest is in force
   */
  public List<ListenerProblem> apply(List<CompiledListener> next) {
    if (stopping) {
      return List.of();
    }
    unbound.clear();
    List<ListenerProblem> problems = new ArrayList<>();
    Map<String, CompiledListener> wanted = new LinkedHashMap<>();
    next.forEach(listener -> wanted.put(listener.config().name(), listener));
    for (Map.Entry<String, LiveListener> entry : Map.copyOf(listeners).entrySet()) {
      LiveListener live = entry.getValue();
      CompiledListener own = wanted.get(entry.getKey());
      if (own == null || !sameSocket(own.config(), live.boundAs()) && isInTheWay(live, next)) {
        listeners.remove(entry.getKey());
        retire(live);
      }
    }
    for (CompiledListener listener : wanted.values()) {
      LiveListener live = listeners.get(listener.config().name());
      if (live != null && sameSocket(listener.config(), live.boundAs())) {
        update(live, listener);
        continue;
      }
      String problem = open(listener);
      if (problem == null) {
        continue;
      }
      unbound.add(listener);
      if (live != null) {
        update(live, listener);
        problem += "; until then, " + live.boundAs().address();
      }
      problems.add(new ListenerProblem(listener.config().name(), problem));
    }
    return problems;
  }

  /**
   * Has those listen that could not: their configuration was acked, and nobody sends it again.
   * Control thread.
   *
   * @return which do now, a line each
   */
  public List<String> retry() {
    List<String> bound = new ArrayList<>();
    for (CompiledListener listener :
        stopping ? List.<CompiledListener>of() : List.copyOf(unbound)) {
      if (open(listener) == null) {
        unbound.remove(listener);
        bound.add(
            "listener %s: listens on %s now"
                .formatted(listener.config().name(), listener.config().address()));
      }
    }
    return bound;
  }

  /** Returns what is wrong; null if the listener is in force, and the one before it drains. */
  private @Nullable String open(CompiledListener listener) {
    LiveListener live = new LiveListener(listener, stats);
    String problem = listener.config().bindToPort() ? bind(live) : null;
    if (problem != null) {
      live.letGo();
      return problem;
    }
    LiveListener before = listeners.put(listener.config().name(), live);
    if (before != null) {
      retire(before);
    }
    return null;
  }

  private void retire(LiveListener live) {
    live.retire();
    draining.add(live);
    departures.add(
        List.of(new Draining(live, live::closeConnections, () -> draining.remove(live))));
  }

  private void update(LiveListener live, CompiledListener next) {
    departures.add(
        live.update(next).stream()
            .map(chain -> new Draining(chain, chain::closeConnections, () -> live.forget(chain)))
            .toList());
  }

  /** What has not ended by itself after a while is cut. */
  private final class Draining implements Departures.Departed {
    private final Departures.Departed gone;
    private final Future<?> cut;
    private final Runnable ended;

    Draining(Departures.Departed gone, Runnable closeConnections, Runnable ended) {
      this.gone = gone;
      this.ended = ended;
      this.cut =
          loops.get(0).eventLoop().schedule(closeConnections, MOST_DRAIN_MINUTES, TimeUnit.MINUTES);
    }

    @Override
    public boolean unused() {
      return gone.unused();
    }

    @Override
    public void letGo() {
      cut.cancel(false);
      ended.run();
      gone.letGo();
    }
  }

  /** Lets go of listeners and chains that have drained. Control thread, about once a second. */
  public void sweep() {
    departures.sweep();
  }

  /** Whether one of {@code next} cannot listen before {@code live} no longer does. */
  private static boolean isInTheWay(LiveListener live, List<CompiledListener> next) {
    return next.stream()
        .map(CompiledListener::config)
        .anyMatch(config -> config.bindToPort() && overlap(config.address(), live));
  }

  private static boolean overlap(SocketAddress wanted, LiveListener live) {
    if (wanted instanceof SocketAddress.Ip ip
        && live.localAddress() instanceof InetSocketAddress bound
        && SocketAddresses.of(ip) instanceof InetSocketAddress other) {
      return ip.port() == bound.getPort()
          && (other.getAddress().isAnyLocalAddress()
              || bound.getAddress().isAnyLocalAddress()
              || other.getAddress().equals(bound.getAddress()));
    }
    return wanted.equals(live.boundAs().address());
  }

  private static boolean sameSocket(Listener a, Listener b) {
    return a.address().equals(b.address())
        && a.bindToPort() == b.bindToPort()
        && a.backlog() == b.backlog();
  }

  private @Nullable String bind(LiveListener live) {
    Listener config = live.config();
    boolean domain = config.address() instanceof SocketAddress.Pipe;
    Loop acceptor = loops.get(0);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(acceptor.eventLoop(), acceptor.eventLoop())
            .channelFactory(() -> loops.newServerChannel(domain))
            .handler(new Acceptor(live, acceptor, loops, connections))
            .childHandler(new Acceptor.Never());
    bootstrap.option(
        ChannelOption.SO_BACKLOG, config.backlog() == 0 ? NetUtil.SOMAXCONN : config.backlog());
    if (!domain) {
      bootstrap.option(ChannelOption.SO_REUSEADDR, true);
    }
    ChannelFuture bound =
        bootstrap.bind(SocketAddresses.of(config.address())).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      return "cannot listen on " + config.address() + ": " + bindProblem(bound.cause());
    }
    Channel channel = bound.channel();
    live.socket(channel);
    return null;
  }

  private static String bindProblem(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains("Address already in use")) {
      return "the port is in use; stop what listens there, or change address.socket_address.port_value";
    }
    if (message.contains("Permission denied")) {
      return "permission denied; ports below 1024 need CAP_NET_BIND_SERVICE";
    }
    if (message.contains("Cannot assign requested address")) {
      return "the address is not this machine's";
    }
    return message;
  }

  /**
   * The listener without a socket that takes over connections to {@code destination}, by address
   * and port, or any address and port; null for none.
   */
  private @Nullable LiveListener byDestination(java.net.SocketAddress destination) {
    if (!(destination instanceof InetSocketAddress inet)) {
      return null;
    }
    LiveListener wildcard = null;
    for (LiveListener listener : listeners.values()) {
      if (!listener.config().bindToPort()
          && listener.config().address() instanceof SocketAddress.Ip ip
          && ip.port() == inet.getPort()) {
        InetSocketAddress own = (InetSocketAddress) SocketAddresses.of(ip);
        if (own.getAddress().equals(inet.getAddress())) {
          return listener;
        }
        if (own.getAddress().isAnyLocalAddress()) {
          wildcard = listener;
        }
      }
    }
    return wildcard;
  }

  /** Routes of the chain that {@link HttpChain#name} calls so; null for none. Any thread. */
  public @Nullable RouteTable routes(String chain) {
    for (LiveListener live : listeners.values()) {
      for (LiveChain each : live.matcher().all()) {
        HttpChain http = each.compiled().http().orElse(null);
        if (http != null && http.name().equals(chain)) {
          return http.routes();
        }
      }
    }
    return null;
  }

  /** Name and bound address of each listener that has a socket. Any thread. */
  public Map<String, java.net.SocketAddress> addresses() {
    Map<String, java.net.SocketAddress> addresses = new LinkedHashMap<>();
    listeners.forEach((name, live) -> {
      java.net.SocketAddress address = live.localAddress();
      if (address != null) {
        addresses.put(name, address);
      }
    });
    return addresses;
  }

  /**
   * Who came without mutual TLS to ports that take both now; not those of ports that have taken one
   * of the two alone since. By port, the most frequent first. Any thread.
   */
  public List<PlainCaller> plainCallers() {
    long now = System.nanoTime();
    List<PlainCaller> all = new ArrayList<>();
    connections
        .plainCallers()
        .ports()
        .forEach((number, port) -> {
          if (takesBoth(port.at())) {
            port.callers()
                .forEach((address, seen) ->
                    all.add(caller(number, Optional.of(address.getHostAddress()), seen, now)));
            if (port.others().connections() > 0) {
              all.add(caller(number, Optional.empty(), port.others(), now));
            }
          }
        });
    all.sort(
        Comparator.comparingInt(PlainCaller::port)
            .thenComparing(caller -> caller.address().isEmpty())
            .thenComparing(PlainCaller::connections, Comparator.reverseOrder()));
    return all;
  }

  private static PlainCaller caller(
      int port, Optional<String> address, PlainCallers.Seen seen, long now) {
    return new PlainCaller(
        port, address, seen.connections(), Duration.ofNanos(Math.max(0, now - seen.lastNanos())));
  }

  private boolean takesBoth(InetSocketAddress destination) {
    InetSocketAddress anybody = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1);
    ConnectionFacts plain = new ConnectionFacts(destination, anybody, "", "raw_buffer", List.of());
    return listeners.values().stream()
        .filter(listener -> listener.config().direction() == TrafficDirection.INBOUND)
        .map(LiveListener::matcher)
        .anyMatch(
            chains -> chains.mayBeSecured(destination, anybody) && chains.find(plain) != null);
  }

  /**
   * Nothing new comes in from other workloads, and listeners change no more; what is open ends
   * after the request it is at. Control thread.
   */
  public void drainInbound() {
    stopping = true;
    inbound().forEach(LiveListener::closeSocket);
    inbound().forEach(LiveListener::drain);
  }

  /**
   * The app's own connections end after the request they are at. New ones are still accepted, for
   * one request each: an app that is ending may have something left to say. Control thread.
   */
  public void drainOutbound() {
    listeners.values().forEach(LiveListener::drain);
  }

  /** Stops accepting, and cuts what is still open. Control thread, before the loops end. */
  public void close() {
    stopping = true;
    listeners.values().forEach(LiveListener::closeSocket);
    listeners.values().forEach(LiveListener::closeConnections);
    draining.forEach(LiveListener::closeConnections);
  }

  private Stream<LiveListener> inbound() {
    return listeners.values().stream()
        .filter(listener -> listener.config().direction() != TrafficDirection.OUTBOUND);
  }

  /** Open connections of other workloads, but for those of listeners that are gone. Any thread. */
  public int inboundConnections() {
    return inbound().mapToInt(LiveListener::connections).sum();
  }

  /** Open downstream connections. Any thread. */
  public int connections() {
    return listeners.values().stream().mapToInt(LiveListener::connections).sum()
        + draining.stream().mapToInt(LiveListener::connections).sum();
  }
}
