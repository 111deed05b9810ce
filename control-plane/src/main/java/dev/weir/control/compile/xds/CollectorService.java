package dev.weir.control.compile.xds;

import dev.weir.control.compile.Names;
import dev.weir.control.model.ServicePort;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HttpService;
import io.envoyproxy.envoy.config.core.v3.HttpUri;
import java.time.Duration;

/** A collector, as sidecars call it themselves. */
final class CollectorService {
  /** OpenTelemetry's own for one request; what waits longer is late anyway. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private CollectorService() {}

  static GrpcService grpc(Telemetry.Collector collector) {
    return GrpcService.newBuilder()
        .setEnvoyGrpc(
            GrpcService.EnvoyGrpc.newBuilder()
                .setClusterName(Names.outbound(collector.port()))
                .setAuthority(host(collector.port())))
        .setTimeout(Protos.duration(TIMEOUT))
        .build();
  }

  static HttpService http(Telemetry.Collector collector, String path) {
    return HttpService.newBuilder()
        .setHttpUri(
            HttpUri.newBuilder()
                .setUri("http://" + host(collector.port()) + path)
                .setCluster(Names.outbound(collector.port()))
                .setTimeout(Protos.duration(TIMEOUT)))
        .build();
  }

  private static String host(ServicePort port) {
    return port.service().name() + "." + port.service().namespace() + ":" + port.port();
  }
}
