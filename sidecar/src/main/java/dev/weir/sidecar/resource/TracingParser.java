package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.config.listener.Tracing.Exporter;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.OtlpServices;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.trace.v3.OpenTelemetryConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig;
import io.envoyproxy.envoy.type.v3.Percent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code HttpConnectionManager.Tracing}, with Envoy's defaults. A provider that is not
 * OpenTelemetry is none: its message is not among the honoured ones, so that the field policy says
 * what becomes of who asks for it.
 */
final class TracingParser {
  private static final int MAX_PATH_LENGTH = 256;

  private final TypedConfigs typedConfigs;

  TracingParser(TypedConfigs typedConfigs) {
    this.typedConfigs = typedConfigs;
  }

  Optional<Tracing> parse(HttpConnectionManager.Tracing proto, FieldPath path) throws Invalid {
    if (!proto.hasProvider()) {
      return Optional.empty();
    }
    FieldPath at = path.field("provider").field("typed_config");
    Message content = typedConfigs.open(proto.getProvider().getTypedConfig(), at);
    return content instanceof OpenTelemetryConfig provider
        ? Optional.of(
            new Tracing(
                exporter(provider, at),
                Math.min(
                    perMillion(proto.hasRandomSampling(), proto.getRandomSampling()),
                    perMillion(proto.hasOverallSampling(), proto.getOverallSampling())),
                proto.getSpawnUpstreamSpan().getValue(),
                Scalars.clamp(
                    proto.hasMaxPathTagLength(), proto.getMaxPathTagLength(), MAX_PATH_LENGTH),
                CustomTags.parse(proto.getCustomTagsList(), path.field("custom_tags"))))
        : Optional.empty();
  }

  /** Envoy's own rules keep it between 0 and 100. */
  private static int perMillion(boolean set, Percent proto) {
    return set ? (int) Math.round(proto.getValue() * 10_000) : 1_000_000;
  }

  private Exporter exporter(OpenTelemetryConfig proto, FieldPath path) throws Invalid {
    if (proto.hasGrpcService() == proto.hasHttpService()) {
      throw new Invalid(path, "must set one of grpc_service, http_service");
    }
    return new Exporter(
        proto.hasGrpcService()
            ? OtlpServices.grpc(proto.getGrpcService(), path.field("grpc_service"))
            : OtlpServices.http(proto.getHttpService(), path.field("http_service")),
        proto.getServiceName(),
        attributes(proto.getResourceDetectorsList(), path.field("resource_detectors")));
  }

  /** Others than the static one are not honoured, and add nothing. */
  private Map<String, String> attributes(List<TypedExtensionConfig> protos, FieldPath path)
      throws Invalid {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < protos.size(); i++) {
      FieldPath at = path.index(i).field("typed_config");
      if (typedConfigs.open(protos.get(i).getTypedConfig(), at)
          instanceof StaticConfigResourceDetectorConfig fixed) {
        attributes.putAll(fixed.getAttributesMap());
      }
    }
    return attributes;
  }
}
