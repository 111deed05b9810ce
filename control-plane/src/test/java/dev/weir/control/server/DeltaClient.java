package dev.weir.control.server;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.weir.control.compile.xds.ResourceType;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An incremental client that answers only when it is told to. */
final class DeltaClient implements AutoCloseable {
  private final ManagedChannel channel;
  private final Node node;
  private final TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
      new TestStream<>();
  private boolean introduced;

  DeltaClient(ManagedChannel channel, Node node) {
    this.channel = channel;
    this.node = node;
    AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(stream);
  }

  boolean endsWell() {
    return stream.endsWell();
  }

  void subscribe(ResourceType type, String... names) {
    send(
        DeltaDiscoveryRequest.newBuilder().addAllResourceNamesSubscribe(List.of(names)),
        type.typeUrl());
  }

  void unsubscribe(ResourceType type, String... names) {
    send(
        DeltaDiscoveryRequest.newBuilder().addAllResourceNamesUnsubscribe(List.of(names)),
        type.typeUrl());
  }

  /** Subscribes as one that has {@code versions} from before. */
  void resume(ResourceType type, Map<String, String> versions, String... names) {
    send(
        DeltaDiscoveryRequest.newBuilder()
            .addAllResourceNamesSubscribe(List.of(names))
            .putAllInitialResourceVersions(versions),
        type.typeUrl());
  }

  void healthy(String... ports) {
    send(
        DeltaDiscoveryRequest.newBuilder().addAllResourceNamesSubscribe(List.of(ports)),
        "type.googleapis.com/weir.service.health.v1alpha1.WorkloadHealth");
  }

  void unhealthy(String... ports) {
    send(
        DeltaDiscoveryRequest.newBuilder().addAllResourceNamesUnsubscribe(List.of(ports)),
        "type.googleapis.com/weir.service.health.v1alpha1.WorkloadHealth");
  }

  void ack(DeltaDiscoveryResponse response) {
    send(
        DeltaDiscoveryRequest.newBuilder().setResponseNonce(response.getNonce()),
        response.getTypeUrl());
  }

  void nack(DeltaDiscoveryResponse response, String reason) {
    send(
        DeltaDiscoveryRequest.newBuilder()
            .setResponseNonce(response.getNonce())
            .setErrorDetail(
                Status.newBuilder().setCode(Code.INVALID_ARGUMENT_VALUE).setMessage(reason)),
        response.getTypeUrl());
  }

  /** The next response, which must be of {@code type}; it is answered. */
  DeltaDiscoveryResponse nextAcked(ResourceType type) {
    DeltaDiscoveryResponse response = next(type);
    ack(response);
    return response;
  }

  DeltaDiscoveryResponse next(ResourceType type) {
    DeltaDiscoveryResponse response = stream.next();
    if (!response.getTypeUrl().equals(type.typeUrl())) {
      throw new AssertionError("not of " + type + ": " + response);
    }
    return response;
  }

  boolean quiet() {
    return stream.quiet();
  }

  /** The end, if that is next; else the response that is next is answered. */
  Optional<Throwable> nextAckedOrEnd() {
    TestStream.Event<DeltaDiscoveryResponse> event = stream.nextOrEnd();
    if (event.response() != null) {
      ack(event.response());
    }
    return Optional.ofNullable(event.end());
  }

  /** Its connection stays. */
  void leave() {
    stream.cancel();
  }

  Throwable end() {
    return stream.end();
  }

  static List<String> names(DeltaDiscoveryResponse response) {
    return response.getResourcesList().stream().map(Resource::getName).toList();
  }

  private void send(DeltaDiscoveryRequest.Builder request, String typeUrl) {
    request.setTypeUrl(typeUrl);
    if (!introduced) {
      request.setNode(node);
      introduced = true;
    }
    stream.send(request.build());
  }

  @Override
  public void close() {
    stream.cancel();
    channel.shutdownNow();
  }
}
