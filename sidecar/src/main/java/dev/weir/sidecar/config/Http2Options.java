package dev.weir.sidecar.config;

/**
 * {@code config.core.v3.Http2ProtocolOptions}, for either side.
 *
 * @param initialStreamWindow bytes, 65535 to 2^31-1
 * @param initialConnectionWindow bytes, 65535 to 2^31-1
 * @param keepAliveIntervalMillis 0 is off
 */
public record Http2Options(
    int maxConcurrentStreams,
    int initialStreamWindow,
    int initialConnectionWindow,
    long keepAliveIntervalMillis,
    long keepAliveTimeoutMillis) {
  /** Smaller windows than Envoy's 16 and 24 MiB: a slow reader costs at most a window of memory. */
  public static final Http2Options DEFAULT = new Http2Options(1024, 1 << 20, 1 << 20, 0, 0);
}
