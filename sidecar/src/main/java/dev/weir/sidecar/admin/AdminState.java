package dev.weir.sidecar.admin;

import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.config.Bootstrap;
import dev.weir.sidecar.listener.ListenerManager;
import dev.weir.sidecar.stats.Stats;
import java.time.Instant;
import java.util.function.Supplier;

/** What the admin pages show. Any thread. */
public final class AdminState {
  /** As Envoy's {@code ServerInfo.State}. */
  public enum Phase {
    LIVE,
    DRAINING,
    INITIALIZING
  }

  private final Bootstrap bootstrap;
  private final Stats stats;
  private final ClusterManager clusters;
  private final ListenerManager listeners;
  private final LogFiles logFiles;
  private final Instant started = Instant.now();
  private volatile Phase phase = Phase.INITIALIZING;
  private volatile Supplier<String> configDump = () -> "{\"configs\":[]}\n";

  public AdminState(
      Bootstrap bootstrap,
      Stats stats,
      ClusterManager clusters,
      ListenerManager listeners,
      LogFiles logFiles) {
    this.bootstrap = bootstrap;
    this.stats = stats;
    this.clusters = clusters;
    this.listeners = listeners;
    this.logFiles = logFiles;
  }

  /** The configuration is in force, or not any more. */
  public void ready(boolean ready) {
    if (phase != Phase.DRAINING) {
      phase = ready ? Phase.LIVE : Phase.INITIALIZING;
    }
  }

  public void draining() {
    phase = Phase.DRAINING;
  }

  public void configDump(Supplier<String> json) {
    configDump = json;
  }

  Phase phase() {
    return phase;
  }

  Bootstrap bootstrap() {
    return bootstrap;
  }

  Stats stats() {
    return stats;
  }

  ClusterManager clusters() {
    return clusters;
  }

  ListenerManager listeners() {
    return listeners;
  }

  long droppedLogLines() {
    return logFiles.dropped();
  }

  Instant started() {
    return started;
  }

  String configDump() {
    return configDump.get();
  }
}
