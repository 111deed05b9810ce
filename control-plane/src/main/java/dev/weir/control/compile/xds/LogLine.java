package dev.weir.control.compile.xds;

import dev.weir.control.compile.ProxyKind;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an access log says of a stream, in Envoy's command operators.
 *
 * @param fields by name, all of it
 * @param text the gist of it
 */
record LogLine(SortedMap<String, String> fields, String text) {
  private static final Map<String, String> OF_REQUEST =
      Map.ofEntries(
          Map.entry("attempts", "%UPSTREAM_REQUEST_ATTEMPT_COUNT%"),
          Map.entry("authority", "%REQ(:AUTHORITY)%"),
          Map.entry("bytes_received", "%BYTES_RECEIVED%"),
          Map.entry("bytes_sent", "%BYTES_SENT%"),
          Map.entry("duration_ms", "%DURATION%"),
          Map.entry("failure", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"),
          Map.entry("flags", "%RESPONSE_FLAGS%"),
          Map.entry("details", "%RESPONSE_CODE_DETAILS%"),
          Map.entry("method", "%REQ(:METHOD)%"),
          Map.entry("path", "%REQ(:PATH)%"),
          Map.entry("peer", "%DOWNSTREAM_REMOTE_ADDRESS%"),
          Map.entry("peer_identity", "%DOWNSTREAM_PEER_URI_SAN%"),
          Map.entry("protocol", "%PROTOCOL%"),
          Map.entry("request_id", "%REQ(X-REQUEST-ID)%"),
          Map.entry("route", "%ROUTE_NAME%"),
          Map.entry("status", "%RESPONSE_CODE%"),
          Map.entry("time", "%START_TIME%"),
          Map.entry("trace_id", "%TRACE_ID%"),
          Map.entry("traceparent", "%REQ(TRACEPARENT)%"),
          Map.entry("upstream", "%UPSTREAM_HOST%"),
          Map.entry("upstream_cluster", "%UPSTREAM_CLUSTER%"),
          Map.entry("cause", "%RESP(X-WEIR-CAUSE)%"));

  private static final Map<String, String> OF_CONNECTION =
      Map.ofEntries(
          Map.entry("attempts", "%UPSTREAM_REQUEST_ATTEMPT_COUNT%"),
          Map.entry("bytes_received", "%BYTES_RECEIVED%"),
          Map.entry("bytes_sent", "%BYTES_SENT%"),
          Map.entry("destination", "%DOWNSTREAM_LOCAL_ADDRESS%"),
          Map.entry("details", "%CONNECTION_TERMINATION_DETAILS%"),
          Map.entry("duration_ms", "%DURATION%"),
          Map.entry("failure", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"),
          Map.entry("flags", "%RESPONSE_FLAGS%"),
          Map.entry("peer", "%DOWNSTREAM_REMOTE_ADDRESS%"),
          Map.entry("peer_identity", "%DOWNSTREAM_PEER_URI_SAN%"),
          Map.entry("protocol", "TCP"),
          Map.entry("time", "%START_TIME%"),
          Map.entry("upstream", "%UPSTREAM_HOST%"),
          Map.entry("upstream_cluster", "%UPSTREAM_CLUSTER%"));

  /** What only Weir's own sidecar has an operator for; Envoy refuses a format it does not know. */
  private static final Map<String, String> OF_WEIR =
      Map.of("cause", "%WEIR_CAUSE%", "shadow_cause", "%WEIR_SHADOW_CAUSE%");

  LogLine {
    fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
  }

  static LogLine ofRequest(ProxyKind kind) {
    return of(OF_REQUEST, kind, "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE%");
  }

  /** Of one that is no HTTP. */
  static LogLine ofConnection(ProxyKind kind) {
    return of(OF_CONNECTION, kind, "TCP %DOWNSTREAM_REMOTE_ADDRESS% %UPSTREAM_CLUSTER%");
  }

  private static LogLine of(Map<String, String> fields, ProxyKind kind, String text) {
    SortedMap<String, String> all = new TreeMap<>(fields);
    if (kind.weir()) {
      all.putAll(OF_WEIR);
    }
    return new LogLine(all, text);
  }
}
