package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.protos.FieldPath;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.config.listener.AccessLog.EntryKind;
import dev.weir.sidecar.config.listener.AccessLog.Filter;
import dev.weir.sidecar.config.listener.AccessLog.Format;
import dev.weir.sidecar.config.listener.AccessLog.Op;
import dev.weir.sidecar.config.listener.AccessLog.Sink;
import dev.weir.sidecar.resource.value.HeaderMatches;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.OtlpServices;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ComparisonFilter;
import io.envoyproxy.envoy.config.accesslog.v3.GrpcStatusFilter;
import io.envoyproxy.envoy.config.accesslog.v3.RuntimeFilter;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StderrAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code config.accesslog.v3.AccessLog}. A filter that is not honoured is refused whatever the
 * field policy is: without it, the log would grow by what nobody asked for.
 */
final class AccessLogParser {
  /** Envoy's default format (access log docs, "default format string"). */
  private static final String DEFAULT_TEXT =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
          + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\""
          + " \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\""
          + " \"%UPSTREAM_HOST%\"\n";

  private static final int MAX_DEPTH = 16;

  private final TypedConfigs typedConfigs;

  AccessLogParser(TypedConfigs typedConfigs) {
    this.typedConfigs = typedConfigs;
  }

  List<AccessLog> parse(
      List<io.envoyproxy.envoy.config.accesslog.v3.AccessLog> protos, FieldPath path)
      throws Invalid {
    List<AccessLog> logs = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      FieldPath at = path.index(i);
      Message content = typedConfigs.open(protos.get(i).getTypedConfig(), at.field("typed_config"));
      logs.add(parse(protos.get(i), content, at));
    }
    return logs;
  }

  private static AccessLog parse(
      io.envoyproxy.envoy.config.accesslog.v3.AccessLog proto, Message content, FieldPath path)
      throws Invalid {
    FieldPath at = path.field("typed_config");
    Optional<Filter> filter =
        proto.hasFilter()
            ? Optional.of(filter(proto.getFilter(), path.field("filter"), 0))
            : Optional.empty();
    return switch (content) {
      case FileAccessLog file ->
          new AccessLog.Lines(new Sink.File(file.getPath()), fileFormat(file, at), filter);
      case OpenTelemetryAccessLogConfig records -> otlp(records, at, filter);
      case HttpGrpcAccessLogConfig http ->
          grpc(EntryKind.HTTP, http.getCommonConfig(), GrpcLogs.additional(http, at), at, filter);
      case TcpGrpcAccessLogConfig tcp ->
          grpc(EntryKind.TCP, tcp.getCommonConfig(), AccessLog.Additional.NONE, at, filter);
      case StdoutAccessLog stdout ->
          new AccessLog.Lines(new Sink.Stdout(), format(stdout.getLogFormat(), at), filter);
      case StderrAccessLog stderr ->
          new AccessLog.Lines(new Sink.Stderr(), format(stderr.getLogFormat(), at), filter);
      default ->
          throw new Invalid(at, "there is no access log for " + TypedConfigs.nameOf(content));
    };
  }

  private static AccessLog otlp(
      OpenTelemetryAccessLogConfig proto, FieldPath path, Optional<Filter> filter) throws Invalid {
    CommonGrpcAccessLogConfig common = proto.getCommonConfig();
    FieldPath at = path.field("common_config");
    return new AccessLog.Otlp(
        new AccessLog.Exporter(
            OtlpServices.grpc(common.getGrpcService(), at.field("grpc_service")),
            proto.getStatPrefix(),
            !proto.getDisableBuiltinLabels(),
            GrpcLogs.resource(proto, path),
            GrpcLogs.buffering(common, at)),
        GrpcLogs.value(proto.getBody(), path.field("body"), 0),
        GrpcLogs.struct(proto.getAttributes(), path.field("attributes"), 0),
        CustomTags.parse(common.getCustomTagsList(), at.field("custom_tags")),
        filter);
  }

  private static AccessLog grpc(
      EntryKind kind,
      CommonGrpcAccessLogConfig common,
      AccessLog.Additional headers,
      FieldPath path,
      Optional<Filter> filter)
      throws Invalid {
    FieldPath at = path.field("common_config");
    return new AccessLog.Grpc(
        new AccessLog.Receiver(
            kind,
            OtlpServices.grpc(common.getGrpcService(), at.field("grpc_service")),
            common.getLogName(),
            GrpcLogs.buffering(common, at)),
        headers,
        CustomTags.parse(common.getCustomTagsList(), at.field("custom_tags")),
        filter);
  }

  @SuppressWarnings("deprecation") // The older fields are still sent.
  private static Format fileFormat(FileAccessLog proto, FieldPath path) throws Invalid {
    return switch (proto.getAccessLogFormatCase()) {
      case FORMAT ->
          new Format.Text(proto.getFormat().isEmpty() ? DEFAULT_TEXT : proto.getFormat());
      case JSON_FORMAT -> new Format.Json(struct(proto.getJsonFormat()));
      case TYPED_JSON_FORMAT -> new Format.Json(struct(proto.getTypedJsonFormat()));
      case LOG_FORMAT -> format(proto.getLogFormat(), path);
      case ACCESSLOGFORMAT_NOT_SET -> new Format.Text(DEFAULT_TEXT);
    };
  }

  @SuppressWarnings("deprecation")
  private static Format format(SubstitutionFormatString proto, FieldPath path) throws Invalid {
    FieldPath at = path.field("log_format");
    return switch (proto.getFormatCase()) {
      case TEXT_FORMAT -> new Format.Text(proto.getTextFormat());
      case TEXT_FORMAT_SOURCE ->
          new Format.Text(
              DataSources.inline(proto.getTextFormatSource(), at.field("text_format_source")));
      case JSON_FORMAT -> new Format.Json(struct(proto.getJsonFormat()));
      case FORMAT_NOT_SET -> new Format.Text(DEFAULT_TEXT);
    };
  }

  private static AccessLog.Value.Struct struct(Struct proto) {
    List<AccessLog.Value.Field> fields = new ArrayList<>();
    for (Map.Entry<String, Value> field : proto.getFieldsMap().entrySet()) {
      fields.add(new AccessLog.Value.Field(field.getKey(), value(field.getValue())));
    }
    return new AccessLog.Value.Struct(fields);
  }

  private static AccessLog.Value value(Value proto) {
    return switch (proto.getKindCase()) {
      case STRING_VALUE -> new AccessLog.Value.Template(proto.getStringValue());
      case STRUCT_VALUE -> struct(proto.getStructValue());
      case LIST_VALUE ->
          new AccessLog.Value.Items(
              proto.getListValue().getValuesList().stream().map(AccessLogParser::value).toList());
      case NULL_VALUE, NUMBER_VALUE, BOOL_VALUE, KIND_NOT_SET ->
          new AccessLog.Value.Literal(((YamlNode.Scalar) ProtoWriter.write(proto)).text());
    };
  }

  private static Filter filter(AccessLogFilter proto, FieldPath path, int depth) throws Invalid {
    if (depth > MAX_DEPTH) {
      throw new Invalid(path, "is nested deeper than " + MAX_DEPTH + " filters");
    }
    return switch (proto.getFilterSpecifierCase()) {
      case STATUS_CODE_FILTER -> {
        ComparisonFilter comparison = proto.getStatusCodeFilter().getComparison();
        yield new Filter.Status(
            op(comparison, path.field("status_code_filter")),
            comparison.getValue().getDefaultValue());
      }
      case DURATION_FILTER -> {
        ComparisonFilter comparison = proto.getDurationFilter().getComparison();
        yield new Filter.DurationMillis(
            op(comparison, path.field("duration_filter")),
            Integer.toUnsignedLong(comparison.getValue().getDefaultValue()));
      }
      case RESPONSE_FLAG_FILTER ->
          new Filter.ResponseFlags(List.copyOf(proto.getResponseFlagFilter().getFlagsList()));
      case TRACEABLE_FILTER -> new Filter.Traceable();
      case HEADER_FILTER ->
          new Filter.Header(
              HeaderMatches.parse(
                      List.of(proto.getHeaderFilter().getHeader()),
                      path.field("header_filter").field("header"))
                  .getFirst());
      case GRPC_STATUS_FILTER ->
          grpcStatus(proto.getGrpcStatusFilter(), path.field("grpc_status_filter"));
      case RUNTIME_FILTER -> runtime(proto.getRuntimeFilter(), path.field("runtime_filter"));
      case AND_FILTER ->
          new Filter.And(
              filters(proto.getAndFilter().getFiltersList(), path.field("and_filter"), depth));
      case OR_FILTER ->
          new Filter.Or(
              filters(proto.getOrFilter().getFiltersList(), path.field("or_filter"), depth));
      case FILTERSPECIFIER_NOT_SET -> throw new Invalid(path, "must set a filter");
      case NOT_HEALTH_CHECK_FILTER, EXTENSION_FILTER, METADATA_FILTER, LOG_TYPE_FILTER ->
          throw new Invalid(
              path,
              proto.getFilterSpecifierCase().name().toLowerCase(Locale.ROOT) + " is not supported");
    };
  }

  private static Filter grpcStatus(GrpcStatusFilter proto, FieldPath path) throws Invalid {
    Set<Integer> statuses = new TreeSet<>();
    for (int i = 0; i < proto.getStatusesCount(); i++) {
      GrpcStatusFilter.Status status = proto.getStatuses(i);
      if (status == GrpcStatusFilter.Status.UNRECOGNIZED) {
        throw new Invalid(
            path.field("statuses").index(i), "has no value " + proto.getStatusesValue(i));
      }
      statuses.add(status.getNumber());
    }
    return new Filter.GrpcStatus(statuses, proto.getExclude());
  }

  private static Filter runtime(RuntimeFilter proto, FieldPath path) throws Invalid {
    FractionalPercent percent = proto.getPercentSampled();
    int outOf =
        switch (percent.getDenominator()) {
          case HUNDRED -> 100;
          case TEN_THOUSAND -> 10_000;
          case MILLION -> 1_000_000;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("percent_sampled").field("denominator"),
                  "has no value " + percent.getDenominatorValue());
        };
    return new Filter.Share(
        Integer.toUnsignedLong(percent.getNumerator()), outOf, proto.getUseIndependentRandomness());
  }

  private static List<Filter> filters(List<AccessLogFilter> protos, FieldPath path, int depth)
      throws Invalid {
    List<Filter> filters = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      filters.add(filter(protos.get(i), path.field("filters").index(i), depth + 1));
    }
    return filters;
  }

  private static Op op(ComparisonFilter proto, FieldPath path) throws Invalid {
    return switch (proto.getOp()) {
      case EQ -> Op.EQ;
      case GE -> Op.GE;
      case LE -> Op.LE;
      case UNRECOGNIZED ->
          throw new Invalid(
              path.field("comparison").field("op"), "has no value " + proto.getOpValue());
    };
  }
}
