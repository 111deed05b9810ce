package dev.weir.control.server;

import dev.weir.control.server.subscription.DeltaDialect;
import dev.weir.control.server.subscription.SotwDialect;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;

/** The aggregated discovery service in both dialects, over one set of streams. Any thread. */
public final class AdsService extends AggregatedDiscoveryServiceImplBase {
  private final OpenStreams streams;
  private final SotwDialect sotw;
  private final DeltaDialect delta;

  /** {@code identifier} tells clients which control plane this is. */
  public AdsService(OpenStreams streams, String identifier) {
    ControlPlane identity = ControlPlane.newBuilder().setIdentifier(identifier).build();
    this.streams = streams;
    this.sotw = new SotwDialect(identity);
    this.delta = new DeltaDialect(identity);
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamAggregatedResources(
      StreamObserver<DiscoveryResponse> responses) {
    return streams.open(sotw, responses, Caller.OF.get());
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> responses) {
    return streams.open(delta, responses, Caller.OF.get());
  }
}
