package dev.weir.sidecar.xds;

import com.google.protobuf.Any;
import dev.weir.testkit.AdsTestServer.Conversation;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.List;

/** What a control plane sends. */
public final class AdsResponses {
  private AdsResponses() {}

  /** The nonce is the version. */
  public static void send(
      Conversation<DiscoveryRequest, DiscoveryResponse> stream,
      ResourceType type,
      String version,
      Any... resources) {
    stream.send(
        DiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(version)
            .setNonce(version)
            .addAllResources(List.of(resources))
            .build());
  }

  public static void send(
      Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream,
      ResourceType type,
      String nonce,
      List<String> removed,
      Resource... resources) {
    stream.send(
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setNonce(nonce)
            .addAllRemovedResources(removed)
            .addAllResources(List.of(resources))
            .build());
  }

  public static Resource resource(String name, String version, Any body) {
    return Resource.newBuilder().setName(name).setVersion(version).setResource(body).build();
  }
}
