package dev.weir.control.compile.xds;

import dev.weir.control.compile.Names;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HttpService;
import io.envoyproxy.envoy.config.core.v3.HttpUri;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.trace.v3.OpenTelemetryConfig;
import io.envoyproxy.envoy.config.trace.v3.Tracing;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig;
import io.envoyproxy.envoy.type.v3.Percent;
import java.time.Duration;

/** Spans of a service's sidecars, sent to a collector: Envoy's provider for OpenTelemetry. */
final class TracingCompiler {
  private static final double BASIS_POINTS_PER_PERCENT = 100;

  /** OpenTelemetry's own for one request; spans that wait longer are late anyway. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

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
            .setServiceName(collector.traced().name())
            .addResourceDetectors(
                TypedExtensionConfig.newBuilder()
                    .setName("envoy.tracers.opentelemetry.resource_detectors.static_config")
                    .setTypedConfig(
                        Protos.any(
                            StaticConfigResourceDetectorConfig.newBuilder()
                                .putAttributes("service.namespace", collector.traced().namespace())
                                .build())));
    ServicePort port = collector.port();
    String host = port.service().name() + "." + port.service().namespace() + ":" + port.port();
    switch (collector.protocol()) {
      case GRPC ->
          provider.setGrpcService(
              GrpcService.newBuilder()
                  .setEnvoyGrpc(
                      GrpcService.EnvoyGrpc.newBuilder()
                          .setClusterName(Names.outbound(port))
                          .setAuthority(host))
                  .setTimeout(Protos.duration(TIMEOUT)));
      case HTTP ->
          provider.setHttpService(
              HttpService.newBuilder()
                  .setHttpUri(
                      HttpUri.newBuilder()
                          .setUri("http://" + host + "/v1/traces")
                          .setCluster(Names.outbound(port))
                          .setTimeout(Protos.duration(TIMEOUT))));
    }
    return provider.build();
  }
}
