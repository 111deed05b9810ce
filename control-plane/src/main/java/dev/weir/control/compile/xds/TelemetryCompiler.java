package dev.weir.control.compile.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.model.TelemetrySpec.Tracing;
import dev.weir.protos.extensions.filters.http.trace_context.v1alpha1.TraceContext;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.AndFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ComparisonFilter;
import io.envoyproxy.envoy.config.accesslog.v3.OrFilter;
import io.envoyproxy.envoy.config.accesslog.v3.StatusCodeFilter;
import io.envoyproxy.envoy.config.accesslog.v3.TraceableFilter;
import io.envoyproxy.envoy.config.core.v3.RuntimeUInt32;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a proxy tells: trace headers and access logs. */
final class TelemetryCompiler {
  private static final Map<String, String> JSON_LINE =
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

  /** Of a connection that is no HTTP. */
  private static final Map<String, String> JSON_LINE_OF_CONNECTION =
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

  /** Envoy names its runtime keys always; there is no layer that sets this one. */
  private static final String RUNTIME_KEY = "weir.access_log.status";

  private TelemetryCompiler() {}

  static TraceContext traceContext(Tracing tracing) {
    TraceContext.Builder builder =
        TraceContext.newBuilder()
            .setSample(
                FractionalPercent.newBuilder()
                    .setNumerator(tracing.sample().basisPoints())
                    .setDenominator(FractionalPercent.DenominatorType.TEN_THOUSAND));
    for (TelemetrySpec.Format format : tracing.propagate()) {
      builder.addPropagate(
          switch (format) {
            case W3C -> TraceContext.Format.W3C;
            case B3 -> TraceContext.Format.B3;
            case X_TRACE_ID -> TraceContext.Format.X_TRACE_ID;
          });
    }
    return builder.build();
  }

  /** Of requests. */
  static AccessLog requestLog(TelemetrySpec.AccessLog log, ProxyKind kind) {
    AccessLog.Builder builder = json(JSON_LINE, kind.weir() ? OF_WEIR : Map.of());
    List<AccessLogFilter> filters = log.anyOf().stream().map(TelemetryCompiler::filter).toList();
    if (filters.size() == 1) {
      builder.setFilter(filters.getFirst());
    } else if (filters.size() > 1) {
      builder.setFilter(
          AccessLogFilter.newBuilder().setOrFilter(OrFilter.newBuilder().addAllFilters(filters)));
    }
    return builder.build();
  }

  /**
   * Of connections that are no HTTP. They have neither status nor trace: by Envoy's filters, which
   * take their status for 0, none of them is logged where it is asked for.
   */
  static Optional<AccessLog> connectionLog(TelemetrySpec.AccessLog log, ProxyKind kind) {
    return log.anyOf().isEmpty()
        ? Optional.of(json(JSON_LINE_OF_CONNECTION, kind.weir() ? OF_WEIR : Map.of()).build())
        : Optional.empty();
  }

  private static AccessLog.Builder json(Map<String, String> line, Map<String, String> more) {
    Map<String, String> fields = new TreeMap<>(line);
    fields.putAll(more);
    Struct.Builder object = Struct.newBuilder();
    fields.forEach(
        (name, value) -> object.putFields(name, Value.newBuilder().setStringValue(value).build()));
    return AccessLog.newBuilder()
        .setName("envoy.access_loggers.stdout")
        .setTypedConfig(
            Protos.any(
                StdoutAccessLog.newBuilder()
                    .setLogFormat(SubstitutionFormatString.newBuilder().setJsonFormat(object))
                    .build()));
  }

  private static AccessLogFilter filter(TelemetrySpec.LogMatch match) {
    return switch (match) {
      case TelemetrySpec.SampledMatch sampled ->
          AccessLogFilter.newBuilder()
              .setTraceableFilter(TraceableFilter.getDefaultInstance())
              .build();
      case TelemetrySpec.StatusMatch status ->
          AccessLogFilter.newBuilder()
              .setAndFilter(
                  AndFilter.newBuilder()
                      .addFilters(status(ComparisonFilter.Op.GE, status.status().min()))
                      .addFilters(status(ComparisonFilter.Op.LE, status.status().max())))
              .build();
    };
  }

  private static AccessLogFilter status(ComparisonFilter.Op op, int value) {
    return AccessLogFilter.newBuilder()
        .setStatusCodeFilter(
            StatusCodeFilter.newBuilder()
                .setComparison(
                    ComparisonFilter.newBuilder()
                        .setOp(op)
                        .setValue(
                            RuntimeUInt32.newBuilder()
                                .setDefaultValue(value)
                                .setRuntimeKey(RUNTIME_KEY))))
        .build();
  }
}
