package dev.weir.control.compile.xds;

import dev.weir.control.model.TelemetrySpec;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.trace.v3.OpenTelemetryConfig;
import io.envoyproxy.envoy.config.trace.v3.Tracing;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig;
import io.envoyproxy.envoy.type.v3.Percent;

/** Spans of a service's sidecars, sent to a collector: Envoy's provider for OpenTelemetry. */
final class TracingCompiler {
  private static final double BASIS_POINTS_PER_PERCENT = 100;

  private TracingCompiler() {}

  /**
   * @param outbound of calls that the app makes: each attempt has a span of its own
   */
  static HttpConnectionManager.Tracing of(
      Telemetry.Collector collector, TelemetrySpec.Tracing tracing, boolean outbound) {
    return HttpConnectionManager.Tracing.newBuilder()
        .setRandomSampling(
            Percent.newBuilder()
                .setValue(tracing.sample().basisPoints() / BASIS_POINTS_PER_PERCENT))
        .setSpawnUpstreamSpan(Protos.bool(outbound))
        .setProvider(
            Tracing.Http.newBuilder()
                .setName("envoy.tracers.opentelemetry")
                .setTypedConfig(Protos.any(provider(collector))))
        .build();
  }

  private static OpenTelemetryConfig provider(Telemetry.Collector collector) {
    OpenTelemetryConfig.Builder provider =
        OpenTelemetryConfig.newBuilder()
            .setServiceName(collector.of().name())
            .addResourceDetectors(
                TypedExtensionConfig.newBuilder()
                    .setName("envoy.tracers.opentelemetry.resource_detectors.static_config")
                    .setTypedConfig(
                        Protos.any(
                            StaticConfigResourceDetectorConfig.newBuilder()
                                .putAttributes("service.namespace", collector.of().namespace())
                                .build())));
    switch (collector.protocol()) {
      case GRPC -> provider.setGrpcService(CollectorService.grpc(collector));
      case HTTP -> provider.setHttpService(CollectorService.http(collector, "/v1/traces"));
    }
    return provider.build();
  }
}
