package dev.weir.sidecar.xds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.sidecar.log.Log;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/**
 * State of the world: a request names all that is wanted of a type, a response of listeners or
 * clusters holds all there are. A response is acked or nacked as a whole, so a nack repeats the
 * version before it, though its good resources are in force.
 */
final class SotwStream extends DiscoveryStream {
  private final Map<ResourceType, String> nonces = new EnumMap<>(ResourceType.class);

  /** The names of the last request of a type. */
  private final Map<ResourceType, SortedSet<String>> requested = new EnumMap<>(ResourceType.class);

  SotwStream(
      Node node,
      GrpcTransport.Call call,
      ResourceHandler handler,
      Map<ResourceType, Subscription> subscriptions,
      Log log) {
    super(node, call, handler, subscriptions, log);
  }

  @Override
  void subscribe(ResourceType type, Subscription subscription) {
    nonces.putIfAbsent(type, "");
    send(type, request(type, subscription).build().toByteArray());
  }

  @Override
  void resubscribe(ResourceType type, Subscription subscription) {
    // To name nothing at first would be to ask for everything.
    boolean asked = nonces.containsKey(type);
    if (asked ? !subscription.names().equals(requested.get(type)) : subscription.isWanted()) {
      subscribe(type, subscription);
    }
  }

  @Override
  Response handle(byte[] message) throws InvalidProtocolBufferException {
    DiscoveryResponse response = DiscoveryResponse.parseFrom(message);
    Optional<ResourceType> type = typeOf(response.getTypeUrl());
    if (type.isEmpty() || !nonces.containsKey(type.get())) {
      warnOfUnknownType(response.getTypeUrl());
    } else {
      handle(type.get(), response);
    }
    return new Response(
        response.getTypeUrl(), response.getNonce(), response.getControlPlane().getIdentifier());
  }

  private void handle(ResourceType type, DiscoveryResponse response) {
    Subscription subscription = subscription(type);
    nonces.put(type, response.getNonce());
    List<Refused> refused = handle(type, batch(type, response), Set.of(), type.isComplete());
    if (refused.isEmpty()) {
      subscription.accept(response.getVersionInfo());
      send(type, request(type, subscription).build().toByteArray());
    } else {
      send(type, request(type, subscription).setErrorDetail(error(refused)).build().toByteArray());
    }
  }

  private static Batch batch(ResourceType type, DiscoveryResponse response) {
    Batch batch = new Batch(type);
    int index = 0;
    for (Any any : response.getResourcesList()) {
      try {
        batch.add(ResourceReader.ofSotw(type, response.getVersionInfo(), any));
      } catch (IOException e) {
        batch.refuse("#" + index, "its bytes are no message: " + e.getMessage());
      }
      index++;
    }
    return batch;
  }

  private DiscoveryRequest.Builder request(ResourceType type, Subscription subscription) {
    DiscoveryRequest.Builder request =
        DiscoveryRequest.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(subscription.version())
            .setResponseNonce(nonces.getOrDefault(type, ""));
    if (!subscription.isWildcard()) {
      request.addAllResourceNames(subscription.names());
    }
    requested.put(type, subscription.names());
    nodeOnce().ifPresent(request::setNode);
    return request;
  }

  @Override
  void reportHealth(List<String> ports, List<String> gone) {
    DiscoveryRequest.Builder request =
        DiscoveryRequest.newBuilder().setTypeUrl(HEALTH_TYPE).addAllResourceNames(ports);
    nodeOnce().ifPresent(request::setNode);
    send(request.build().toByteArray());
  }
}
