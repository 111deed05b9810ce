package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.config.listener.AccessLog.Value;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.WireTexts;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Parts of access logs that go to a service, with Envoy's defaults. */
final class GrpcLogs {
  private static final int BUFFER_BYTES = 16 << 10;
  private static final Duration FLUSH_INTERVAL = Duration.ofSeconds(1);
  private static final int MAX_DEPTH = 16;

  private GrpcLogs() {}

  static AccessLog.Buffering buffering(CommonGrpcAccessLogConfig proto, FieldPath path)
      throws Invalid {
    Duration interval =
        Scalars.duration(
            proto.hasBufferFlushInterval(),
            proto.getBufferFlushInterval(),
            FLUSH_INTERVAL,
            path.field("buffer_flush_interval"));
    return new AccessLog.Buffering(
        Scalars.clamp(proto.hasBufferSizeBytes(), proto.getBufferSizeBytes(), BUFFER_BYTES),
        interval);
  }

  static AccessLog.Additional additional(HttpGrpcAccessLogConfig proto, FieldPath path)
      throws Invalid {
    return new AccessLog.Additional(
        names(
            proto.getAdditionalRequestHeadersToLogList(),
            path.field("additional_request_headers_to_log")),
        names(
            proto.getAdditionalResponseHeadersToLogList(),
            path.field("additional_response_headers_to_log")),
        names(
            proto.getAdditionalResponseTrailersToLogList(),
            path.field("additional_response_trailers_to_log")));
  }

  /** Of header fields, and of what is written as one, {@code :method} and the like. */
  private static List<String> names(List<String> protos, FieldPath path) throws Invalid {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      String name = protos.get(i).toLowerCase(Locale.ROOT);
      WireTexts.name(name.startsWith(":") ? name.substring(1) : name, path.index(i));
      names.add(name);
    }
    return names;
  }

  /** Of who sends the records, beside what is known of the node. */
  static Map<String, String> resource(OpenTelemetryAccessLogConfig proto, FieldPath path)
      throws Invalid {
    Map<String, String> attributes = new HashMap<>();
    if (!proto.getDisableBuiltinLabels()) {
      attributes.put("log_name", proto.getCommonConfig().getLogName());
    }
    FieldPath at = path.field("resource_attributes").field("values");
    for (int i = 0; i < proto.getResourceAttributes().getValuesCount(); i++) {
      KeyValue each = proto.getResourceAttributes().getValues(i);
      if (!each.getValue().hasStringValue()) {
        throw new Invalid(at.index(i).field("value"), "must be a string_value");
      }
      attributes.put(each.getKey(), each.getValue().getStringValue());
    }
    return attributes;
  }

  /** Texts, and structures and lists of them, as Envoy; empty: none is said. */
  static Optional<Value> value(AnyValue proto, FieldPath path, int depth) throws Invalid {
    if (depth > MAX_DEPTH) {
      throw new Invalid(path, "is nested deeper than " + MAX_DEPTH + " values");
    }
    return switch (proto.getValueCase()) {
      case STRING_VALUE -> Optional.of(new Value.Template(proto.getStringValue()));
      case KVLIST_VALUE ->
          Optional.of(struct(proto.getKvlistValue(), path.field("kvlist_value"), depth));
      case ARRAY_VALUE -> {
        List<Value> items = new ArrayList<>();
        FieldPath at = path.field("array_value").field("values");
        for (int i = 0; i < proto.getArrayValue().getValuesCount(); i++) {
          items.add(required(proto.getArrayValue().getValues(i), at.index(i), depth));
        }
        yield Optional.of(new Value.Items(items));
      }
      case VALUE_NOT_SET -> Optional.empty();
      case BOOL_VALUE, INT_VALUE, DOUBLE_VALUE, BYTES_VALUE ->
          throw new Invalid(path, "must be a string_value, a kvlist_value or an array_value");
    };
  }

  static Value.Struct struct(KeyValueList proto, FieldPath path, int depth) throws Invalid {
    List<Value.Field> fields = new ArrayList<>();
    for (int i = 0; i < proto.getValuesCount(); i++) {
      KeyValue each = proto.getValues(i);
      FieldPath at = path.field("values").index(i).field("value");
      fields.add(new Value.Field(each.getKey(), required(each.getValue(), at, depth)));
    }
    return new Value.Struct(fields);
  }

  private static Value required(AnyValue proto, FieldPath path, int depth) throws Invalid {
    return value(proto, path, depth + 1).orElseThrow(() -> new Invalid(path, "must be set"));
  }
}
