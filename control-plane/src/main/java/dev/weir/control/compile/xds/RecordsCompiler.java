package dev.weir.control.compile.xds;

import dev.weir.control.compile.ProxyKind;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import java.util.Map;
import java.util.Set;

/**
 * Records of an access log, sent to a collector: the fields of the line as attributes, under the
 * same names.
 */
final class RecordsCompiler {
  private static final String LOG = "access_log";

  /** A record has these of its own. */
  private static final Set<String> APART = Set.of("time", "trace_id");

  private RecordsCompiler() {}

  static AccessLog of(Telemetry.Collector collector, LogLine line, ProxyKind kind) {
    KeyValueList.Builder attributes = KeyValueList.newBuilder();
    line.fields().entrySet().stream()
        .filter(field -> !APART.contains(field.getKey()))
        .forEach(field -> attributes.addValues(pair(field.getKey(), field.getValue())));
    Map<String, String> service =
        Map.of(
            "service.name", collector.of().name(), "service.namespace", collector.of().namespace());
    KeyValueList.Builder resource = KeyValueList.newBuilder();
    service.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(each -> resource.addValues(pair(each.getKey(), each.getValue())));
    OpenTelemetryAccessLogConfig config =
        OpenTelemetryAccessLogConfig.newBuilder()
            .setCommonConfig(
                CommonGrpcAccessLogConfig.newBuilder()
                    .setLogName(LOG)
                    .setGrpcService(CollectorService.grpc(collector))
                    .setTransportApiVersion(ApiVersion.V3))
            // Weir's sidecar says who it is in OpenTelemetry's words.
            .setDisableBuiltinLabels(kind.weir())
            .setResourceAttributes(resource)
            .setBody(text(line.text()))
            .setAttributes(attributes)
            .build();
    return AccessLog.newBuilder()
        .setName("envoy.access_loggers.open_telemetry")
        .setTypedConfig(Protos.any(config))
        .build();
  }

  private static KeyValue pair(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(text(value)).build();
  }

  private static AnyValue.Builder text(String value) {
    return AnyValue.newBuilder().setStringValue(value);
  }
}
