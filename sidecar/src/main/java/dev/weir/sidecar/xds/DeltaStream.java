package dev.weir.sidecar.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.sidecar.log.Log;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Delta: requests and responses name what changed. A new stream says which versions are in force
 * already, so that a control plane sends the difference; a resource that was refused is not among
 * them.
 */
final class DeltaStream extends DiscoveryStream {
  /** What this stream has subscribed to, of the types that it asked for. */
  private final Map<ResourceType, SortedSet<String>> subscribed = new EnumMap<>(ResourceType.class);

  DeltaStream(
      Node node,
      GrpcTransport.Call call,
      ResourceHandler handler,
      Map<ResourceType, Subscription> subscriptions,
      Log log) {
    super(node, call, handler, subscriptions, log);
  }

  /**
   * The names of a first request; for all there are it has none, which every server understands.
   */
  @Override
  void subscribe(ResourceType type, Subscription subscription) {
    DeltaDiscoveryRequest.Builder request = request(type);
    request.putAllInitialResourceVersions(subscription.versions());
    if (!subscription.isWildcard()) {
      request.addAllResourceNamesSubscribe(subscription.names());
    }
    subscribed.put(type, subscription.names());
    send(type, request.build().toByteArray());
  }

  @Override
  void resubscribe(ResourceType type, Subscription subscription) {
    SortedSet<String> before = subscribed.get(type);
    if (before == null) {
      if (subscription.isWanted()) {
        subscribe(type, subscription);
      }
      return;
    }
    if (subscription.isWildcard() || before.equals(subscription.names())) {
      return;
    }
    Set<String> added = new TreeSet<>(subscription.names());
    added.removeAll(before);
    Set<String> gone = new TreeSet<>(before);
    gone.removeAll(subscription.names());
    subscribed.put(type, subscription.names());
    send(
        type,
        request(type)
            .addAllResourceNamesSubscribe(added)
            .addAllResourceNamesUnsubscribe(gone)
            .build()
            .toByteArray());
  }

  @Override
  Response handle(byte[] message) throws InvalidProtocolBufferException {
    DeltaDiscoveryResponse response = DeltaDiscoveryResponse.parseFrom(message);
    Optional<ResourceType> type = typeOf(response.getTypeUrl());
    if (type.isEmpty() || !subscribed.containsKey(type.get())) {
      warnOfUnknownType(response.getTypeUrl());
    } else {
      handle(type.get(), response);
    }
    return new Response(
        response.getTypeUrl(), response.getNonce(), response.getControlPlane().getIdentifier());
  }

  private void handle(ResourceType type, DeltaDiscoveryResponse response) {
    Batch batch = new Batch(type);
    response
        .getResourcesList()
        .forEach(each ->
            batch.add(new Resource(type, each.getName(), each.getVersion(), each.getResource())));
    Set<String> removed = new HashSet<>(response.getRemovedResourcesList());
    List<Refused> refused = handle(type, batch, removed, false);
    Set<String> refusedNames = refused.stream().map(Refused::name).collect(Collectors.toSet());
    Subscription subscription = subscription(type);
    subscription.versions().keySet().removeAll(removed);
    for (Resource resource : batch.resources()) {
      if (!refusedNames.contains(resource.name())) {
        subscription.had(resource.name(), resource.version());
      }
    }
    DeltaDiscoveryRequest.Builder ack = request(type).setResponseNonce(response.getNonce());
    if (!refused.isEmpty()) {
      ack.setErrorDetail(error(refused));
    }
    send(type, ack.build().toByteArray());
  }

  private DeltaDiscoveryRequest.Builder request(ResourceType type) {
    DeltaDiscoveryRequest.Builder request =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.typeUrl());
    nodeOnce().ifPresent(request::setNode);
    return request;
  }

  /** All ports each time: to subscribe again to a name is no change. */
  @Override
  void reportHealth(List<String> ports, List<String> gone) {
    DeltaDiscoveryRequest.Builder request =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(HEALTH_TYPE)
            .addAllResourceNamesSubscribe(ports)
            .addAllResourceNamesUnsubscribe(gone);
    nodeOnce().ifPresent(request::setNode);
    send(request.build().toByteArray());
  }
}
