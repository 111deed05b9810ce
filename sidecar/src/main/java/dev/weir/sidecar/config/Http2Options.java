package dev.weir.sidecar.config;

import java.time.Duration;
import java.util.Optional;

/**
 * {@code config.core.v3.Http2ProtocolOptions}, for either side.
 *
 * @param initialStreamWindow bytes, 65535 to 2^31-1
 */
public record Http2Options(
    int maxConcurrentStreams, int initialStreamWindow, Optional<KeepAlive> keepAlive) {
  /** A smaller window than Envoy's 16 MiB: a slow reader costs at most a window of memory. */
  public static final Http2Options DEFAULT = new Http2Options(1024, 1 << 20, Optional.empty());

  /** {@code connection_keepalive}; neither is zero. */
  public record KeepAlive(Duration interval, Duration timeout) {}
}
