package dev.weir.sidecar.dns;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.store.NameLookups;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All clusters of type STRICT_DNS and LOGICAL_DNS, each as long as it is wanted. Two versions of a
 * cluster with the same names, asked for in the same way, are one here. Control thread.
 */
public final class DnsClusters implements NameLookups, AutoCloseable {
  /** How long the first lookups of a cluster are waited for: Envoy's time for one question. */
  public static final Duration FIRST_LOOKUPS = Duration.ofSeconds(5);

  /** Told of new endpoints. */
  public interface Listener {
    void endpoints(String cluster, DnsDiscovery dns, ClusterLoadAssignment endpoints);
  }

  private record Key(String cluster, DnsDiscovery dns) {
    static @Nullable Key of(Cluster cluster) {
      return cluster.discovery() instanceof DnsDiscovery dns ? new Key(cluster.name(), dns) : null;
    }
  }

  private final Resolver resolver;
  private final ControlThread control;
  private final Stats stats;
  private final RandomGenerator random;
  private final Listener listener;
  private final Log log;
  private final Map<Key, WatchedCluster> watched = new HashMap<>();
  private final List<Runnable> readyListeners = new ArrayList<>();

  /**
   * @param log told when a name cannot be looked up, and when it can again; a line each
   */
  public DnsClusters(
      Loops loops,
      ControlThread control,
      Stats stats,
      RandomGenerator random,
      Listener listener,
      Log log) {
    this(loops, control, stats, random, listener, log, ResolvConf.SYSTEM, HostsFile.SYSTEM);
  }

  DnsClusters(
      Loops loops,
      ControlThread control,
      Stats stats,
      RandomGenerator random,
      Listener listener,
      Log log,
      Path resolvConf,
      Path hosts) {
    this.resolver = new Resolver(loops, control, resolvConf, hosts);
    this.control = control;
    this.stats = stats;
    this.random = random;
    this.listener = listener;
    this.log = log;
  }

  @Override
  public void onReady(Runnable task) {
    readyListeners.add(task);
  }

  @Override
  public void want(Collection<Cluster> clusters) {
    Set<Key> wanted = new HashSet<>();
    List<WatchedCluster> begun = new ArrayList<>();
    for (Cluster cluster : clusters) {
      Key key = Key.of(cluster);
      if (key != null && wanted.add(key) && !watched.containsKey(key)) {
        WatchedCluster fresh = watch(key, cluster.statName());
        watched.put(key, fresh);
        begun.add(fresh);
      }
    }
    watched
        .entrySet()
        .removeIf(entry -> {
          boolean gone = !wanted.contains(entry.getKey());
          if (gone) {
            entry.getValue().close();
          }
          return gone;
        });
    for (WatchedCluster fresh : begun) {
      fresh.start();
      control.schedule(FIRST_LOOKUPS, fresh::giveUp);
    }
  }

  /**
   * As {@link #want}, and waits until all of them are ready, which the time for first lookups
   * bounds. Any thread but the control thread and the event loops.
   */
  public void awaitReady(List<Cluster> clusters) {
    if (clusters.stream().allMatch(cluster -> Key.of(cluster) == null)) {
      return;
    }
    CountDownLatch ready = new CountDownLatch(1);
    Runnable look =
        () -> {
          if (clusters.stream().allMatch(this::isReady)) {
            ready.countDown();
          }
        };
    control.execute(() -> {
      onReady(look);
      want(clusters);
      look.run();
    });
    try {
      // It comes in half of that, unless the control thread is closed meanwhile.
      boolean _ = ready.await(2 * FIRST_LOOKUPS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private WatchedCluster watch(Key key, String statName) {
    UpdateStats counted = new UpdateStats(stats, statName);
    return new WatchedCluster(
        key.cluster(),
        key.dns(),
        counted,
        (name, changed) ->
            new WatchedName(
                key.cluster(), name, key.dns(), resolver, control, random, counted, changed, log),
        () -> changed(key));
  }

  private void changed(Key key) {
    WatchedCluster cluster = watched.get(key);
    if (cluster != null) {
      listener.endpoints(key.cluster(), key.dns(), cluster.endpoints());
      List.copyOf(readyListeners).forEach(Runnable::run);
    }
  }

  @Override
  public boolean isReady(Cluster cluster) {
    Key key = Key.of(cluster);
    WatchedCluster known = key == null ? null : watched.get(key);
    return known == null ? key == null : known.isReady();
  }

  /** Those known so far, none at first; empty for a cluster that is of another type. */
  public Optional<ClusterLoadAssignment> endpoints(Cluster cluster) {
    Key key = Key.of(cluster);
    return key == null
        ? Optional.empty()
        : Optional.ofNullable(watched.get(key)).map(WatchedCluster::endpoints);
  }

  @Override
  public void close() {
    watched.values().forEach(WatchedCluster::close);
    watched.clear();
    resolver.close();
  }
}
