package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code config.listener.v3.Listener}.
 *
 * @param address where it listens, or, with {@code bindToPort} false, the destination it takes over
 *     from a listener with {@code useOriginalDst}
 * @param perConnectionBufferLimit the watermark of a connection's buffers in bytes, above 0
 * @param backlog connections that may wait to be accepted; 0 for what the system allows
 */
public record Listener(
    String name,
    SocketAddress address,
    TrafficDirection direction,
    boolean bindToPort,
    boolean useOriginalDst,
    ListenerFilters filters,
    List<FilterChain> filterChains,
    Optional<FilterChain> defaultFilterChain,
    int perConnectionBufferLimit,
    int backlog) {
  public Listener {
    filterChains = List.copyOf(filterChains);
  }

  /**
   * The listener filters that look at a connection's first bytes and at its original destination.
   *
   * @param timeout how long the first bytes may take; zero is no limit
   * @param continueOnTimeout go on with what is known, instead of closing
   * @param onDemand what waits for a chain that is asked for
   * @param instances what goes to an instance of a service
   * @param telemetry what the sidecar tells of all of it
   */
  public record ListenerFilters(
      boolean originalDst,
      boolean tlsInspector,
      boolean httpInspector,
      Duration timeout,
      boolean continueOnTimeout,
      Optional<OnDemand> onDemand,
      Optional<Instances> instances,
      Optional<ListenerTelemetry> telemetry) {}
}
