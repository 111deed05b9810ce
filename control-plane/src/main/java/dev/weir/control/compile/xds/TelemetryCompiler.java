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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a proxy tells: trace headers and access logs. */
final class TelemetryCompiler {
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

  /** Of requests: lines, records or both. */
  static List<AccessLog> requestLogs(
      TelemetrySpec.AccessLog log, Optional<Telemetry.Collector> records, ProxyKind kind) {
    List<AccessLogFilter> filters = log.anyOf().stream().map(TelemetryCompiler::filter).toList();
    return logs(log, LogLine.ofRequest(kind), records, kind).stream()
        .map(each -> filters.isEmpty() ? each : each.toBuilder().setFilter(any(filters)).build())
        .toList();
  }

  private static AccessLogFilter any(List<AccessLogFilter> filters) {
    return filters.size() == 1
        ? filters.getFirst()
        : AccessLogFilter.newBuilder()
            .setOrFilter(OrFilter.newBuilder().addAllFilters(filters))
            .build();
  }

  /**
   * Of connections that are no HTTP. They have neither status nor trace: by Envoy's filters, which
   * take their status for 0, none of them is logged where it is asked for.
   */
  static List<AccessLog> connectionLogs(
      TelemetrySpec.AccessLog log, Optional<Telemetry.Collector> records, ProxyKind kind) {
    return log.anyOf().isEmpty() ? logs(log, LogLine.ofConnection(kind), records, kind) : List.of();
  }

  private static List<AccessLog> logs(
      TelemetrySpec.AccessLog log,
      LogLine line,
      Optional<Telemetry.Collector> records,
      ProxyKind kind) {
    List<AccessLog> logs = new ArrayList<>();
    if (log.lines() || records.isEmpty()) { // without a collector something is to be told
      logs.add(json(line));
    }
    records.ifPresent(collector -> logs.add(RecordsCompiler.of(collector, line, kind)));
    return logs;
  }

  private static AccessLog json(LogLine line) {
    Struct.Builder object = Struct.newBuilder();
    line.fields()
        .forEach((name, value) ->
            object.putFields(name, Value.newBuilder().setStringValue(value).build()));
    return AccessLog.newBuilder()
        .setName("envoy.access_loggers.stdout")
        .setTypedConfig(
            Protos.any(
                StdoutAccessLog.newBuilder()
                    .setLogFormat(SubstitutionFormatString.newBuilder().setJsonFormat(object))
                    .build()))
        .build();
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
