package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.runtime.Departures;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.transport.TlsStats;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listener as it lives: its socket, if it has one, and its chains. */
final class LiveListener implements Departures.Departed {
  /** Chains that an update has taken out, while connections of theirs are open. */
  private final List<LiveChain> leaving = new CopyOnWriteArrayList<>();

  private final String name;
  private final Stats stats;
  private final StatScope scope;
  final int cxTotal;
  final int cxActive;
  final int noChain;
  final int onDemandTimeout;
  final int acceptFailed;
  final TlsStats tls;

  /** Connections that came to it or were handed to it, from their first moment on. */
  private final AtomicInteger open = new AtomicInteger();

  private final Listener boundAs;
  private volatile Listener config;
  private volatile ChainMatcher matcher;
  private volatile ServiceInstances instances;

  /** What it was last made of. Control thread. */
  private CompiledListener compiled;

  private @Nullable Channel socket;

  LiveListener(CompiledListener compiled, Stats stats) {
    this.name = compiled.config().name();
    this.stats = stats;
    this.compiled = compiled;
    this.boundAs = compiled.config();
    this.config = compiled.config();
    this.scope = stats.newScope();
    this.cxTotal =
        scope.counter(
            StatName.of("listener", "envoy_listener_address", name, "downstream_cx_total"));
    this.cxActive =
        scope.gauge(
            StatName.of("listener", "envoy_listener_address", name, "downstream_cx_active"));
    this.noChain =
        scope.counter(
            StatName.of("listener", "envoy_listener_address", name, "no_filter_chain_match"));
    this.onDemandTimeout =
        scope.counter(StatName.of("listener", "envoy_listener_address", name, "on_demand_timeout"));
    this.acceptFailed =
        scope.counter(
            StatName.of("listener", "envoy_listener_address", name, "downstream_cx_accept_failed"));
    this.tls = new TlsStats(stats, StatName.of("listener", "envoy_listener_address", name, "ssl"));
    this.matcher =
        new ChainMatcher(
            compiled.chains().stream().map(this::live).toList(),
            compiled.defaultChain().map(this::live),
            compiled.config().filters().onDemand());
    this.instances = new ServiceInstances(compiled.config().filters().instances());
  }

  private LiveChain live(CompiledListener.Chain chain) {
    return new LiveChain(chain, stats);
  }

  /**
   * Takes over {@code next}: chains whose connections can go on keep them, the others drain. What
   * it has already, the same object, changes nothing. Control thread.
   *
   * @return the chains that drain
   */
  Collection<LiveChain> update(CompiledListener next) {
    if (next == compiled) {
      return List.of();
    }
    compiled = next;
    Map<String, LiveChain> known = new HashMap<>();
    for (LiveChain chain : matcher.all()) {
      known.put(chain.compiled().name(), chain);
    }
    List<LiveChain> chains = new ArrayList<>();
    for (CompiledListener.Chain chain : next.chains()) {
      chains.add(keepOrMake(known, chain));
    }
    Optional<LiveChain> otherwise = next.defaultChain().map(chain -> keepOrMake(known, chain));
    config = next.config();
    matcher = new ChainMatcher(chains, otherwise, next.config().filters().onDemand());
    instances = new ServiceInstances(next.config().filters().instances());
    known.values().forEach(LiveChain::retire);
    leaving.addAll(known.values());
    return known.values();
  }

  /** A chain that {@link #update} has taken out has drained. */
  void forget(LiveChain chain) {
    leaving.remove(chain);
  }

  private LiveChain keepOrMake(Map<String, LiveChain> known, CompiledListener.Chain next) {
    LiveChain live = known.get(next.name());
    if (live == null || !live.canBecome(next)) {
      return live(next);
    }
    known.remove(next.name());
    live.become(next);
    return live;
  }

  /** {@code channel} counts as its connection until it is closed. */
  void opened(Channel channel) {
    open.incrementAndGet();
    channel.closeFuture().addListener(closed -> open.decrementAndGet());
  }

  /** It is out of the configuration: it listens no more, and drains. Control thread. */
  void retire() {
    closeSocket();
    matcher.all().forEach(LiveChain::retire);
  }

  @Override
  public boolean unused() {
    return open.get() == 0 && connections() == 0;
  }

  /** Its statistics end, and those of its chains. */
  @Override
  public void letGo() {
    matcher.all().forEach(LiveChain::letGo);
    tls.close();
    scope.close();
  }

  void socket(Channel channel) {
    socket = channel;
  }

  /** Where it listens; null for one that has no socket of its own. */
  @Nullable SocketAddress localAddress() {
    return socket == null ? null : socket.localAddress();
  }

  /** What its socket was made for. */
  Listener boundAs() {
    return boundAs;
  }

  Listener config() {
    return config;
  }

  ServiceInstances instances() {
    return instances;
  }

  ChainMatcher matcher() {
    return matcher;
  }

  /** Its connections end after the request they are at, or their first. */
  void drain() {
    matcher.all().forEach(LiveChain::drain);
  }

  /** No new connections. */
  void closeSocket() {
    if (socket != null) {
      socket.close().awaitUninterruptibly(1000);
    }
  }

  void closeConnections() {
    matcher.all().forEach(LiveChain::closeConnections);
    leaving.forEach(LiveChain::closeConnections);
  }

  int connections() {
    return matcher.all().stream().mapToInt(LiveChain::connections).sum()
        + leaving.stream().mapToInt(LiveChain::connections).sum();
  }

  @Override
  public String toString() {
    return name;
  }
}
