package dev.weir.sidecar.admin;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.sidecar.xds.NodeMessage;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import java.util.concurrent.TimeoutException;

/**
 * The client status discovery service: what this sidecar has of what it asks control planes for,
 * and of the bootstrap. Of a name that a newer version of waits there are two entries, the one in
 * force first. Any thread that may wait, but the control thread.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/service/status/v3/csds.proto
 */
final class ClientStatus implements GrpcMethods {
  private static final String SERVICE = "/envoy.service.status.v3.ClientStatusDiscoveryService/";

  private final AdminState state;

  ClientStatus(AdminState state) {
    this.state = state;
  }

  @Override
  public Kind kind(String path) {
    return switch (path) {
      case SERVICE + "FetchClientStatus" -> Kind.UNARY;
      case SERVICE + "StreamClientStatus" -> Kind.STREAM;
      default -> Kind.UNKNOWN;
    };
  }

  @Override
  public ClientStatusResponse answer(byte[] request) throws GrpcRefusal, InterruptedException {
    ClientStatusRequest parsed;
    try {
      parsed = ClientStatusRequest.parseFrom(request);
    } catch (InvalidProtocolBufferException e) {
      throw new GrpcRefusal(GrpcRefusal.INTERNAL, "the request is no ClientStatusRequest");
    }
    return answer(parsed);
  }

  /**
   * @throws GrpcRefusal the request cannot be answered
   */
  ClientStatusResponse answer(ClientStatusRequest request)
      throws GrpcRefusal, InterruptedException {
    if (!NodeMatchers.match(request, state.loaded().bootstrap().node())) {
      return ClientStatusResponse.getDefaultInstance();
    }
    ClientConfig.Builder config = ClientConfig.newBuilder().setNode(node());
    try {
      ShownResource.all(state, !request.getExcludeResourceContents())
          .forEach(each -> config.addGenericXdsConfigs(each.generic()));
    } catch (TimeoutException e) {
      throw new GrpcRefusal(
          GrpcRefusal.UNAVAILABLE, "the configuration is being changed, or the sidecar ends");
    }
    return ClientStatusResponse.newBuilder().addConfig(config).build();
  }

  /** As control planes are told it. */
  private Node node() {
    String version = ClientStatus.class.getPackage().getImplementationVersion();
    return Secrets.redacted(
        NodeMessage.of(
            state.loaded().bootstrap().node(), version == null ? "development" : version, true));
  }
}
