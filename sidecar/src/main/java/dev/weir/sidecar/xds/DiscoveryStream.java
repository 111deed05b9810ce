package dev.weir.sidecar.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import dev.weir.sidecar.log.Log;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One stream, from its first request to its end, in one of two dialects. The node is sent once,
 * with the first request. Control thread.
 */
abstract sealed class DiscoveryStream permits SotwStream, DeltaStream {
  static final String HEALTH_TYPE =
      "type.googleapis.com/weir.service.health.v1alpha1.WorkloadHealth";

  private static final int INVALID_ARGUMENT = 3;
  private static final int MAX_REASONS = 20;

  private final Node node;
  private final GrpcTransport.Call call;
  private final ResourceHandler handler;
  private final Map<ResourceType, Subscription> subscriptions;
  private final Log log;
  private final ToldRefusals told;

  private Optional<SortedSet<Integer>> readyPorts = Optional.empty();
  private SortedSet<Integer> reportedPorts = new TreeSet<>();
  private boolean healthReported;
  private boolean ofWeir;
  private boolean nodeSent;

  DiscoveryStream(
      Node node,
      GrpcTransport.Call call,
      ResourceHandler handler,
      Map<ResourceType, Subscription> subscriptions,
      Log log) {
    this.node = node;
    this.call = call;
    this.handler = handler;
    this.subscriptions = new EnumMap<>(subscriptions);
    this.log = log;
    this.told = new ToldRefusals(log);
  }

  /** What a message says, whichever the dialect. */
  record Response(String typeUrl, String nonce, String controlPlane) {}

  /** Sends the first request of a type. */
  abstract void subscribe(ResourceType type, Subscription subscription);

  /** Sends what changed of a type that was asked for before. */
  abstract void resubscribe(ResourceType type, Subscription subscription);

  /** Reads a message, has its resources handled, and acks or nacks them. */
  abstract Response handle(byte[] message) throws InvalidProtocolBufferException;

  abstract void reportHealth(List<String> ports, List<String> gone);

  final void start() {
    subscriptions.forEach((type, subscription) -> {
      if (subscription.isWanted()) {
        subscribe(type, subscription);
      }
    });
    call.request(1);
  }

  /** Sends what is wanted now and was not before. */
  final void subscriptionsChanged() {
    subscriptions.forEach(this::resubscribe);
  }

  /** Has a message handled and answered. The next one is to be requested. */
  final void onMessage(byte[] message) throws InvalidProtocolBufferException {
    Response response = handle(message);
    if (!ofWeir && response.controlPlane().startsWith("weir")) {
      ofWeir = true;
      handler.onWeir();
    }
    reportHealth();
  }

  final void requestNext() {
    call.request(1);
  }

  final void cancel(String why) {
    call.cancel(why);
  }

  final void readyPorts(SortedSet<Integer> ports) {
    readyPorts = Optional.of(ports);
    reportHealth();
  }

  private void reportHealth() {
    if (!ofWeir || readyPorts.isEmpty()) {
      return;
    }
    SortedSet<Integer> ports = readyPorts.get();
    if (healthReported && ports.equals(reportedPorts)) {
      return;
    }
    reportHealth(
        ports.stream().map(String::valueOf).toList(),
        reportedPorts.stream().filter(port -> !ports.contains(port)).map(String::valueOf).toList());
    reportedPorts = new TreeSet<>(ports);
    healthReported = true;
  }

  final Subscription subscription(ResourceType type) {
    return Objects.requireNonNull(subscriptions.get(type), type::toString);
  }

  /** The type of a response; one of a single type need not say it. */
  final Optional<ResourceType> typeOf(String typeUrl) {
    return typeUrl.isEmpty() && subscriptions.size() == 1
        ? Optional.of(subscriptions.keySet().iterator().next())
        : ResourceType.of(typeUrl).filter(subscriptions::containsKey);
  }

  /** Hands a batch over; returns all that is refused of it. */
  final List<Refused> handle(
      ResourceType type, Batch batch, Set<String> removed, boolean complete) {
    List<Refused> refused =
        handler.onResources(
            type, batch.resources(), removed, complete && batch.refused().isEmpty());
    batch.refused().addAll(refused);
    log.debug(() ->
        "xds: "
            + type
            + ": a response with "
            + batch.resources().size()
            + " resources, "
            + removed.size()
            + " are gone, "
            + batch.refused().size()
            + " are refused");
    told.tell(type, batch.refused(), batch.resources());
    handler.onTaken(type, batch.refused().isEmpty());
    return batch.refused();
  }

  /** The error_detail of a nack. */
  static Status error(List<Refused> refused) {
    String reasons =
        refused.stream()
            .limit(MAX_REASONS)
            .map(Refused::toString)
            .collect(Collectors.joining("\n"));
    int more = refused.size() - MAX_REASONS;
    return Status.newBuilder()
        .setCode(INVALID_ARGUMENT)
        .setMessage(more > 0 ? reasons + "\nand " + more + " more" : reasons)
        .build();
  }

  /** The node for the first request; empty for every other. */
  final Optional<Node> nodeOnce() {
    if (nodeSent) {
      return Optional.empty();
    }
    nodeSent = true;
    return Optional.of(node);
  }

  final void send(ResourceType type, byte[] message) {
    handler.onAttempt(type);
    send(message);
  }

  final void send(byte[] message) {
    call.send(message);
  }

  final void warnOfUnknownType(String typeUrl) {
    log.accept("xds: a response of a type that was not asked for: " + typeUrl);
  }
}
