package dev.weir.sidecar.admin;

import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.identity.IdentityStatus;
import dev.weir.sidecar.listener.ListenerManager;
import dev.weir.sidecar.log.Logs;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.edge.EdgesPage;
import dev.weir.sidecar.telemetry.recent.RequestPages;
import dev.weir.sidecar.xds.store.DynamicConfig;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the admin pages show. Any thread. */
public final class AdminState {
  /** As Envoy's {@code ServerInfo.State}. */
  public enum Phase {
    LIVE,
    DRAINING,
    INITIALIZING
  }

  private final Loaded.Accepted loaded;
  private final Stats stats;
  private final ClusterManager clusters;
  private final ListenerManager listeners;
  private final LogFiles logFiles;
  private final RequestPages requests;
  private final EdgesPage edges;
  private final Logs logs;
  private final Instant started = Instant.now();
  private volatile Phase phase = Phase.INITIALIZING;
  private volatile boolean healthFailed;
  private volatile @Nullable DynamicConfig dynamic;
  private volatile @Nullable Supplier<IdentityStatus> identity;
  private volatile @Nullable ServiceDirectory directory;
  private volatile @Nullable Instant configured;

  public AdminState(
      Loaded.Accepted loaded,
      Stats stats,
      ClusterManager clusters,
      ListenerManager listeners,
      LogFiles logFiles,
      RequestPages requests,
      EdgesPage edges,
      Logs logs) {
    this.loaded = loaded;
    this.stats = stats;
    this.clusters = clusters;
    this.listeners = listeners;
    this.logFiles = logFiles;
    this.requests = requests;
    this.edges = edges;
    this.logs = logs;
  }

  /** The configuration is in force, or not any more. */
  public void ready(boolean ready) {
    if (phase != Phase.DRAINING) {
      phase = ready ? Phase.LIVE : Phase.INITIALIZING;
    }
  }

  /** Somebody here wants it to count as not ready, or does so no longer. */
  public void failHealth(boolean fail) {
    healthFailed = fail;
  }

  boolean healthFailed() {
    return healthFailed;
  }

  public void draining() {
    phase = Phase.DRAINING;
  }

  /** The configuration has changed just now. */
  public void configured() {
    configured = Instant.now();
  }

  /** When the configuration has changed last; empty: there is none yet. */
  public Optional<Instant> configuredAt() {
    return Optional.ofNullable(configured);
  }

  /** Where configuration streams from. */
  public void dynamic(DynamicConfig config) {
    dynamic = config;
  }

  /** Who knows the mesh's services. */
  public void directory(ServiceDirectory services) {
    directory = services;
  }

  @Nullable ServiceDirectory directory() {
    return directory;
  }

  /** Who certifies this workload: it is not ready without a certificate. */
  public void identity(Supplier<IdentityStatus> status) {
    identity = status;
  }

  /** How it is about the workload's certificate; empty: it has no identity. */
  public Optional<IdentityStatus> identity() {
    Supplier<IdentityStatus> status = identity;
    return status == null ? Optional.empty() : Optional.of(status.get());
  }

  /** Why it cannot prove who it is, if it is to. */
  Optional<String> unproven() {
    return identity().flatMap(status -> status.lacking(Instant.now()));
  }

  /** Why it has no configuration yet, if the control plane is away, or refuses it. */
  Optional<String> unconfigured() {
    DynamicConfig config = dynamic;
    return config == null ? Optional.empty() : config.away();
  }

  @Nullable DynamicConfig dynamic() {
    return dynamic;
  }

  Phase phase() {
    return phase;
  }

  Loaded.Accepted loaded() {
    return loaded;
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

  EdgesPage edges() {
    return edges;
  }

  RequestPages requests() {
    return requests;
  }

  /** What is told of the sidecar's own messages. */
  Logs logs() {
    return logs;
  }

  long droppedLogLines() {
    return logFiles.dropped();
  }

  Instant started() {
    return started;
  }
}
