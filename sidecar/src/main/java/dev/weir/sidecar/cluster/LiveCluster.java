package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.filter.UpstreamFilterFactory;
import dev.weir.sidecar.filter.UpstreamSlot;
import dev.weir.sidecar.filter.UpstreamSlots;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.runtime.Departures;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.transport.ClusterTransports;
import dev.weir.sidecar.transport.TlsStats;
import dev.weir.sidecar.transport.TransportSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A cluster as it lives: what counts and connects outlasts a change of configuration. */
public final class LiveCluster implements Departures.Departed {
  /** How often a balancer is asked anew when it chose a host that may not be used. */
  private static final int CHOICES_PER_HOST = 2;

  private final String name;
  private final Stats allStats;
  private final StatScope scope;
  private volatile ClusterStats stats;
  private final Loops loops;
  private final LoadBalancer.Factory balancing;
  private final Function<Cluster, ClusterTransports> transports;
  private volatile TlsStats tlsStats;
  private final Map<Priority, Resources> resources = new EnumMap<>(Priority.class);

  private volatile Cluster config;
  private volatile ClusterTransports sockets;
  private volatile HostSet hosts = HostSet.EMPTY;
  private volatile LoadBalancer[] balancers;
  private volatile @Nullable OutlierDetector outlier;
  private volatile @Nullable RetryTokens retryTokens;
  private volatile boolean warm;

  /** What the hosts were made of last. */
  private volatile @Nullable ClusterLoadAssignment assignment;

  private final OriginalHosts originalHosts = new OriginalHosts();
  private final UpstreamFilters filters;
  private volatile UpstreamSlots upstreamFilters = UpstreamSlots.NONE;

  LiveCluster(
      Cluster config,
      Loops loops,
      Stats stats,
      LoadBalancer.Factory balancing,
      Function<Cluster, ClusterTransports> transports,
      UpstreamFilters filters) {
    this.name = config.name();
    this.config = config;
    this.loops = loops;
    this.balancing = balancing;
    this.transports = transports;
    this.sockets = transports.apply(config);
    this.filters = filters;
    this.allStats = stats;
    this.scope = stats.newScope();
    this.stats = ClusterStats.FAMILY.in(scope, config.statName());
    this.tlsStats = tlsStats(config);
    for (Priority priority : Priority.values()) {
      resources.put(priority, new Resources(thresholds(config, priority)));
    }
    this.balancers = balancers(config);
    configureResilience(config);
  }

  /** Most clusters have none. */
  private TlsStats tlsStats(Cluster config) {
    return config.allTls().isEmpty()
        ? TlsStats.NOWHERE
        : new TlsStats(
            allStats, StatName.of("cluster", "envoy_cluster_name", config.statName(), "ssl"));
  }

  private static Cluster.Thresholds thresholds(Cluster config, Priority priority) {
    return config.thresholds().getOrDefault(priority, Cluster.Thresholds.DEFAULT);
  }

  private LoadBalancer[] balancers(Cluster config) {
    LoadBalancer[] all = new LoadBalancer[loops.count()];
    for (Loop loop : loops.all()) {
      // Each loop's balancer has a random source of its own: this runs on the control thread.
      all[loop.index()] = balancing.make(config.loadBalancing(), loops.newRandom());
    }
    return all;
  }

  private void configureResilience(Cluster config) {
    upstreamFilters = upstreamFilters(config);
    outlier =
        config
            .outlierDetection()
            .map(detection -> new OutlierDetector(detection, this, loops))
            .orElse(null);
    retryTokens =
        config
            .retryBudget()
            .map(budget -> new RetryTokens(budget, loops.clock().nanoTime()))
            .orElse(null);
  }

  /**
   * Takes over {@code next}. Returns the hosts that must go because how they are connected to has
   * changed. Control thread.
   */
  List<Host> update(Cluster next) {
    Cluster before = config;
    config = next;
    boolean otherHealth =
        before.loadBalancing().panicThreshold() != next.loadBalancing().panicThreshold();
    if (!before.upstreamFilters().equals(next.upstreamFilters())) {
      upstreamFilters = upstreamFilters(next);
    }
    for (Priority priority : Priority.values()) {
      resources(priority).thresholds(thresholds(next, priority));
    }
    if (!before.loadBalancing().equals(next.loadBalancing())) {
      balancers = balancers(next);
    }
    if (!before.outlierDetection().equals(next.outlierDetection())) {
      outlier =
          next.outlierDetection()
              .map(detection -> new OutlierDetector(detection, this, loops))
              .orElse(null);
      if (outlier == null) {
        hosts.all().forEach(this::readmit); // nobody would look after them any more
        otherHealth = true;
      }
    }
    if (!before.retryBudget().equals(next.retryBudget())) {
      retryTokens =
          next.retryBudget()
              .map(budget -> new RetryTokens(budget, loops.clock().nanoTime()))
              .orElse(null);
    }
    boolean otherTransport =
        !before.tls().equals(next.tls()) || !before.socketMatches().equals(next.socketMatches());
    if (otherTransport) {
      sockets = transports.apply(next);
      if (tlsStats == TlsStats.NOWHERE) {
        tlsStats = tlsStats(next);
      }
    }
    boolean reconnect =
        otherTransport
            || !before.protocol().equals(next.protocol())
            || !before.requestedName().equals(next.requestedName())
            || !before.connection().equals(next.connection());
    if (!reconnect) {
      if (otherHealth) {
        rebuildHostSet();
      }
      return List.of();
    }
    List<Host> old = hosts.all();
    List<Host> fresh = new ArrayList<>();
    for (Host host : old) {
      letGo(host);
      fresh.add(new Host(host.endpoint()));
    }
    replaceHosts(fresh);
    List<Host> gone = new ArrayList<>(old);
    gone.addAll(originalHosts.forgetAll());
    return gone;
  }

  /** Takes over the endpoints. Returns the hosts that are gone. Control thread. */
  synchronized List<Host> update(ClusterLoadAssignment next) {
    if (next.equals(assignment)) {
      assignment = next; // it came again, and the next look is at the object
      return List.of();
    }
    Map<SocketAddress, Host> known = new HashMap<>();
    if (isLogical() && hosts.all().size() == 1 && next.endpoints().size() == 1) {
      // It has moved: what is connected to where it was goes on, logical_dns_cluster.cc.
      known.put(next.endpoints().getFirst().address(), hosts.all().getFirst());
    } else {
      hosts.all().forEach(host -> known.put(host.endpoint().address(), host));
    }
    List<Host> members = new ArrayList<>();
    for (Endpoint endpoint : next.endpoints()) {
      Host host = known.get(endpoint.address());
      if (host == null || !host.endpoint().transport().equals(endpoint.transport())) {
        host = new Host(endpoint); // what is connected in another way is another
      } else {
        known.remove(endpoint.address());
        host.endpoint(endpoint);
      }
      members.add(host);
    }
    known.values().forEach(this::letGo);
    assignment = next;
    warm = true;
    replaceHosts(members);
    return List.copyOf(known.values());
  }

  /** Health has changed: who is chosen from changes with it. Any thread. */
  synchronized void rebuildHostSet() {
    replaceHosts(hosts.all());
  }

  private synchronized void replaceHosts(List<Host> next) {
    HostSet before = hosts;
    HostSet after = HostSet.of(next, config.loadBalancing().panicThreshold(), overprovisioning());
    hosts = after;
    allStats.add(stats.membershipTotal, after.all().size() - before.all().size());
    allStats.add(stats.membershipHealthy, after.healthy() - before.healthy());
  }

  private int overprovisioning() {
    ClusterLoadAssignment known = assignment;
    return known == null
        ? ClusterLoadAssignment.DEFAULT_OVERPROVISIONING
        : known.overprovisioning();
  }

  private void letGo(Host host) {
    host.remove();
    readmit(host);
    upstreamFilters.slots().forEach(slot -> slot.factory().removed(host));
  }

  private void readmit(Host host) {
    if (host.outlier.readmit()) {
      countEjection(-1);
    }
  }

  void countEjection(int change) {
    allStats.add(stats.ejectionsActive, change);
    if (change > 0) {
      allStats.add(stats.ejectionsTotal, 1);
    }
  }

  /** It is out of the configuration. Returns its hosts, all of which must go. Control thread. */
  synchronized List<Host> retire() {
    HostSet last = hosts;
    hosts = HostSet.EMPTY;
    List<Host> gone = new ArrayList<>(last.all());
    gone.addAll(originalHosts.close());
    last.all().forEach(this::letGo);
    upstreamFilters.slots().forEach(slot -> slot.factory().close());
    upstreamFilters = UpstreamSlots.NONE;
    allStats.add(stats.membershipTotal, -last.all().size());
    allStats.add(stats.membershipHealthy, -last.healthy());
    return gone;
  }

  /** No request is under way and no connection open. */
  @Override
  public boolean unused() {
    return resources.values().stream().allMatch(Resources::unused);
  }

  /** Its statistics end; a stream that has it still and may try again counts nowhere. */
  @Override
  public void letGo() {
    stats = ClusterStats.NOWHERE;
    scope.close();
    tlsStats.close();
  }

  @Nullable ClusterLoadAssignment assignment() {
    return assignment;
  }

  @Nullable OutlierDetector outlierDetector() {
    return outlier;
  }

  public String name() {
    return name;
  }

  public Cluster config() {
    return config;
  }

  /** What is between it and {@code host}. */
  public TransportSocket transport(Host host) {
    return sockets.of(host.endpoint().transport());
  }

  public TlsStats tlsStats() {
    return tlsStats;
  }

  public ClusterStats stats() {
    return stats;
  }

  public HostSet hosts() {
    return hosts;
  }

  /** Its endpoints have been heard of. */
  public boolean warm() {
    return warm;
  }

  public Resources resources(Priority priority) {
    return java.util.Objects.requireNonNull(resources.get(priority));
  }

  /** The filters of attempts. */
  public UpstreamSlots upstreamFilters() {
    return upstreamFilters;
  }

  /** Factories are kept where they can take over what is configured now: they have states. */
  private UpstreamSlots upstreamFilters(Cluster next) {
    List<UpstreamSlot> before = new ArrayList<>(upstreamFilters.slots());
    List<UpstreamSlot> after = new ArrayList<>();
    for (HttpFilter filter : next.upstreamFilters()) {
      UpstreamFilterFactory kept = null;
      for (UpstreamSlot slot : before) {
        if (slot.config().name().equals(filter.name())
            && slot.factory().reconfigure(filter.config())) {
          kept = slot.factory();
          before.remove(slot);
          break;
        }
      }
      after.add(
          new UpstreamSlot(filter, kept == null ? filters.make(filter, next.statName()) : kept));
    }
    before.forEach(slot -> slot.factory().close());
    return new UpstreamSlots(after);
  }

  public @Nullable RetryTokens retryTokens() {
    return retryTokens;
  }

  /**
   * Chooses a host. Event loop {@code loop}.
   *
   * @param unfit hosts that are used only if there is no other
   * @param unwanted hosts that are used only if the others are unfit
   * @param attempts how often the balancer is asked before all hosts are looked through
   */
  public @Nullable Host choose(
      Loop loop, StatSlab slab, Predicate<Host> unfit, Predicate<Host> unwanted, int attempts) {
    HostSet set = hosts;
    if (set.panic()) {
      slab.inc(stats.panic);
    }
    LoadBalancer balancer = balancers[loop.index()];
    Host host = balancer.choose(set);
    int left = attempts * CHOICES_PER_HOST;
    while (host != null && (unfit.test(host) || unwanted.test(host))) {
      if (left-- == 0) {
        return lookThrough(set, loop, unfit, unwanted, host);
      }
      host = balancer.choose(set);
    }
    return host;
  }

  private static Host lookThrough(
      HostSet set, Loop loop, Predicate<Host> unfit, Predicate<Host> unwanted, Host otherwise) {
    Host better = anyBut(unfit.or(unwanted), set, loop);
    if (better == null) {
      better = anyBut(unfit, set, loop);
    }
    return better == null ? otherwise : better;
  }

  /** The first that need not be avoided, from a random place; null if there is none. */
  private static @Nullable Host anyBut(Predicate<Host> avoid, HostSet set, Loop loop) {
    for (int share = 0; share < set.shares(); share++) {
      List<Host> schedule = set.schedule(share);
      int start = loop.random().nextInt(schedule.size());
      for (int i = 0; i < schedule.size(); i++) {
        Host host = schedule.get((start + i) % schedule.size());
        if (!avoid.test(host)) {
          return host;
        }
      }
    }
    return null;
  }

  private boolean isLogical() {
    return config.discovery() instanceof DnsDiscovery dns
        && dns.type() == DnsDiscovery.Type.LOGICAL;
  }

  /** Its host is where the client was going: {@link #pooled}, not {@link #choose}. */
  public boolean originalDestination() {
    return config.discovery() instanceof Cluster.Discovery.OriginalDst;
  }

  /**
   * In a cluster of type ORIGINAL_DST, the host at {@code destination}, kept while it is in use so
   * that its connections are; null if there are too many, or the client was going to ourselves.
   */
  public @Nullable Host pooled(Destination destination) {
    InetSocketAddress original = destination.original();
    return original == null ? null : originalHosts.of(original, loops.clock().nanoTime());
  }

  OriginalHosts originalHosts() {
    return originalHosts;
  }

  /** Its host at an address, whether or not it is fit; null: it has none there. */
  public @Nullable Host hostAt(java.net.SocketAddress address) {
    return hosts.at(address);
  }

  /** Its host at {@code 10.0.0.1:8080}, if that is fit for traffic; null: it has none there. */
  public @Nullable Host fitHostAt(String address) {
    return hosts.fitAt(address);
  }

  /** A client called one of its hosts, {@link #hostAt}, and no other will do. */
  public boolean isCalledByHost(Destination destination) {
    return destination.isInstanceOf(name);
  }

  /**
   * As {@link #choose}, unless the client called one of its hosts: then it is that one or none. A
   * cluster of type ORIGINAL_DST makes a host of {@code destination}, kept by nobody.
   */
  public @Nullable Host chooseFor(Destination destination, Loop loop, StatSlab slab) {
    if (!originalDestination()) {
      return isCalledByHost(destination)
          ? hostAt(destination.address())
          : choose(loop, slab, any -> false, any -> false, 0);
    }
    InetSocketAddress original = destination.original();
    return original == null ? null : OriginalHosts.hostAt(original);
  }

  /** An attempt on {@code host} was answered with {@code status}. */
  public void reportResponse(Host host, int status) {
    OutlierDetector detector = outlier;
    if (detector != null) {
      detector.response(host, status);
    }
  }

  /** A connection to {@code host} was made, or could not be. */
  public void reportConnect(Host host, boolean connected) {
    if (connected) {
      host.reached();
    } else {
      host.unreachable(loops.clock().nanoTime());
    }
  }

  /** A relayed connection to {@code host} was made: Envoy counts it as an answer. */
  public void reportRelay(Host host) {
    reportConnect(host, true);
    reportResponse(host, 200);
  }

  /** An attempt on {@code host} had no answer. */
  public void reportFailure(Host host) {
    OutlierDetector detector = outlier;
    if (detector != null) {
      detector.localFailure(host);
    }
  }
}
