package dev.weir.sidecar.bootstrap;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import dev.weir.protos.convert.AnyOpener;
import dev.weir.protos.convert.Opened;
import dev.weir.sidecar.config.OtlpService;
import dev.weir.sidecar.config.bootstrap.MetricsSink;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.OtlpServices;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Bootstrap.stats_sinks}, those of OpenTelemetry. Of others the message is not among the
 * honoured ones, so that the field policy says what becomes of who asks for them.
 */
final class StatsSinkParser {
  /** Envoy's. */
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private static final Duration LONGEST = Duration.ofMinutes(5);

  private StatsSinkParser() {}

  static List<MetricsSink> parse(Bootstrap proto, List<String> clusters, FieldPath path)
      throws Invalid {
    Duration interval =
        Scalars.duration(
            proto.hasStatsFlushInterval(),
            proto.getStatsFlushInterval(),
            INTERVAL,
            path.field("stats_flush_interval"));
    if (interval.compareTo(Duration.ofMillis(1)) < 0 || interval.compareTo(LONGEST) >= 0) {
      throw new Invalid(path.field("stats_flush_interval"), "must be 1 ms or more and below 300 s");
    }
    List<MetricsSink> sinks = new ArrayList<>();
    for (int i = 0; i < proto.getStatsSinksCount(); i++) {
      FieldPath at = path.field("stats_sinks").index(i).field("typed_config");
      if (AnyOpener.open(proto.getStatsSinks(i).getTypedConfig())
          instanceof Opened.Content(SinkConfig sink)) {
        sinks.add(sink(sink, interval, clusters, at));
      }
    }
    return sinks;
  }

  private static MetricsSink sink(
      SinkConfig proto, Duration interval, List<String> clusters, FieldPath path) throws Invalid {
    if (!proto.hasGrpcService()) {
      throw new Invalid(path.field("grpc_service"), "must be set");
    }
    OtlpService service = OtlpServices.grpc(proto.getGrpcService(), path.field("grpc_service"));
    if (!clusters.contains(service.cluster())) {
      throw new Invalid(
          path.field("grpc_service").field("envoy_grpc").field("cluster_name"),
          "\"%s\" is not among static_resources.clusters%s"
              .formatted(service.cluster(), Nearest.hint(service.cluster(), clusters)));
    }
    mustBe(
        !proto.hasEmitTagsAsAttributes() || proto.getEmitTagsAsAttributes().getValue(),
        path.field("emit_tags_as_attributes"));
    mustBe(
        !proto.hasUseTagExtractedName() || proto.getUseTagExtractedName().getValue(),
        path.field("use_tag_extracted_name"));
    return new MetricsSink(
        service,
        interval,
        proto.getReportCountersAsDeltas(),
        proto.getReportHistogramsAsDeltas(),
        proto.getPrefix().isEmpty() ? "" : proto.getPrefix() + ".");
  }

  private static void mustBe(boolean kept, FieldPath path) throws Invalid {
    if (!kept) {
      throw new Invalid(
          path, "must be true: a metric here is a name and attributes, which are not in the name");
    }
  }
}
