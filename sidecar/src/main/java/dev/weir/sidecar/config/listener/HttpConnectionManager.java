package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.route.RouteSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code extensions.filters.network.http_connection_manager.v3.HttpConnectionManager}. A timeout of
 * zero is off.
 *
 * @param tracing empty: none of its streams has a span
 * @param upgrades the protocols, in lower case, that {@code upgrade_configs} lets connections
 *     become
 */
public record HttpConnectionManager(
    String statPrefix,
    Codec codec,
    RouteSource routes,
    List<HttpFilter> filters,
    List<AccessLog> accessLogs,
    Optional<Tracing> tracing,
    Limits limits,
    Timeouts timeouts,
    Http2Options http2,
    PathOptions path,
    ForwardedOptions forwarded,
    ClientCertificates clientCertificates,
    ServerHeader serverHeader,
    Set<String> upgrades)
    implements NetworkFilter {
  public HttpConnectionManager {
    filters = List.copyOf(filters);
    accessLogs = List.copyOf(accessLogs);
    upgrades = Set.copyOf(upgrades);
  }

  public enum Codec {
    AUTO,
    HTTP1,
    HTTP2
  }

  /**
   * @param maxHeadBytes {@code max_request_headers_kb} in bytes, default 60 KiB
   * @param maxHeaders {@code max_headers_count}, default 100
   * @param maxRequestsPerConnection 0 is no limit
   */
  public record Limits(int maxHeadBytes, int maxHeaders, int maxRequestsPerConnection) {}

  /**
   * @param idle a connection without a request, default 1 h
   * @param streamIdle a request without progress, default 5 min
   * @param request the whole request must have arrived, default off
   * @param requestHeaders from the first byte of a head to its last, default 10 s
   * @param maxConnectionDuration after which a connection ends with the request it is at, default
   *     off
   */
  public record Timeouts(
      Duration idle,
      Duration streamIdle,
      Duration request,
      Duration requestHeaders,
      Duration maxConnectionDuration,
      Duration delayedClose) {}

  /** {@code path_with_escaped_slashes_action}, {@code normalize_path}, {@code merge_slashes}. */
  public record PathOptions(
      boolean normalize, boolean mergeSlashes, EscapedSlashes escapedSlashes) {}

  public enum EscapedSlashes {
    KEEP,
    REJECT,
    UNESCAPE_AND_FORWARD,
    /** The client is told the path without them, and asks again; gRPC, which cannot, is refused. */
    UNESCAPE_AND_REDIRECT
  }

  /**
   * What is believed and said about who called.
   *
   * @param useRemoteAddress the peer's address is the client's, appended to X-Forwarded-For
   * @param generateRequestId {@code x-request-id} is made where there is none
   * @param preserveExternalRequestId an edge request keeps the one it came with
   */
  public record ForwardedOptions(
      boolean useRemoteAddress,
      boolean skipXffAppend,
      boolean generateRequestId,
      boolean preserveExternalRequestId,
      boolean alwaysSetRequestIdInResponse) {}

  /** {@code server_header_transformation} and {@code server_name}. */
  public record ServerHeader(Action action, String name) {
    public enum Action {
      OVERWRITE,
      APPEND_IF_ABSENT,
      PASS_THROUGH
    }
  }
}
