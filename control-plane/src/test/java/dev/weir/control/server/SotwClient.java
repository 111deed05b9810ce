package dev.weir.control.server;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.weir.control.compile.xds.ResourceType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A state-of-the-world client that answers only when it is told to. */
final class SotwClient implements AutoCloseable {
  private final ManagedChannel channel;
  private final Node node;
  private final TestStream<DiscoveryRequest, DiscoveryResponse> stream = new TestStream<>();
  private final Map<ResourceType, List<String>> wanted = new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, String> nonces = new EnumMap<>(ResourceType.class);

  SotwClient(ManagedChannel channel, Node node) {
    this.channel = channel;
    this.node = node;
    AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(stream);
  }

  void subscribe(ResourceType type, String... names) {
    wanted.put(type, List.of(names));
    stream.send(request(type).build());
  }

  void healthy(String... ports) {
    stream.send(
        DiscoveryRequest.newBuilder()
            .setNode(node)
            .setTypeUrl("type.googleapis.com/weir.service.health.v1alpha1.WorkloadHealth")
            .addAllResourceNames(List.of(ports))
            .build());
  }

  DiscoveryResponse next(ResourceType type) {
    DiscoveryResponse response = stream.next();
    if (!response.getTypeUrl().equals(type.typeUrl())) {
      throw new AssertionError("not of " + type + ": " + response);
    }
    nonces.put(type, response.getNonce());
    return response;
  }

  DiscoveryResponse nextAcked(ResourceType type) {
    DiscoveryResponse response = next(type);
    stream.send(request(type).setVersionInfo(response.getVersionInfo()).build());
    return response;
  }

  void nack(ResourceType type, String reason) {
    stream.send(
        request(type)
            .setErrorDetail(
                Status.newBuilder().setCode(Code.INVALID_ARGUMENT_VALUE).setMessage(reason))
            .build());
  }

  boolean quiet() {
    return stream.quiet();
  }

  Throwable end() {
    return stream.end();
  }

  static List<String> names(DiscoveryResponse response) {
    return response.getResourcesList().stream().map(SotwClient::name).sorted().toList();
  }

  static String name(Any any) {
    try {
      return switch (any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('.') + 1)) {
        case "Cluster" -> any.unpack(Cluster.class).getName();
        case "ClusterLoadAssignment" -> any.unpack(ClusterLoadAssignment.class).getClusterName();
        case "Listener" -> any.unpack(Listener.class).getName();
        case "RouteConfiguration" -> any.unpack(RouteConfiguration.class).getName();
        default -> throw new AssertionError(any.getTypeUrl());
      };
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private DiscoveryRequest.Builder request(ResourceType type) {
    return DiscoveryRequest.newBuilder()
        .setNode(node)
        .setTypeUrl(type.typeUrl())
        .addAllResourceNames(wanted.getOrDefault(type, List.of()))
        .setResponseNonce(nonces.getOrDefault(type, ""));
  }

  @Override
  public void close() {
    stream.cancel();
    channel.shutdownNow();
  }
}
