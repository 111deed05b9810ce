package dev.weir.control.server;

import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.Subscription.Change;
import dev.weir.control.server.Subscription.Nack;
import dev.weir.control.snapshot.Snapshot;
import dev.weir.control.snapshot.Versioned;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.service.health.v1alpha1.WorkloadHealth;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream. It always sends towards the newest snapshot: a change while a response of
 * its type is not answered yet, or while the client cannot take more, waits and is sent in one with
 * what comes after it. Control thread.
 *
 * <p>The order is clusters, endpoints, listeners, routes. What is gone from the first two is taken
 * away only when the client accepted the listeners and routes that no longer refer to it, so that
 * at no time a route leads nowhere.
 */
final class AdsStream<Q, R> {
  private static final String HEALTH = TypeRegistry.typeUrl(WorkloadHealth.getDefaultInstance());

  /** Types whose resources others refer to. */
  private static final Set<ResourceType> KEPT =
      EnumSet.of(ResourceType.CLUSTER, ResourceType.ENDPOINTS);

  /** A client that never accepts, over many changes, gets what is gone taken away at once. */
  private static final int MAX_KEPT = 100_000;

  /** First nothing is taken away that may still be referred to; then it is. */
  private enum Step {
    MAKE,
    BREAK
  }

  private final long id;
  private final Dialect<Q, R> dialect;
  private final Peer<R> peer;
  private final Streams streams;
  private final Map<ResourceType, Subscription> subscriptions = new EnumMap<>(ResourceType.class);

  /** What went out before and may still be referred to. */
  private final Map<ResourceType, SortedMap<String, Versioned>> kept =
      new EnumMap<>(ResourceType.class);

  private Set<String> healthy = Set.of();
  private @Nullable Proxy proxy;
  private @Nullable Snapshot snapshot;
  private long nonces;

  AdsStream(long id, Dialect<Q, R> dialect, Peer<R> peer, Streams streams) {
    this.id = id;
    this.dialect = dialect;
    this.peer = peer;
    this.streams = streams;
  }

  void request(Q request) {
    try {
      identify(request);
      take(request);
      push();
    } catch (StatusException e) {
      peer.end(e.getStatus());
    }
  }

  /** The mesh changed. */
  void refresh() {
    if (proxy != null) {
      replace(streams.snapshot(proxy));
      push();
    }
  }

  /** The peer can take more. */
  void ready() {
    push();
  }

  private void identify(Q request) throws StatusException {
    if (proxy == null) {
      proxy =
          ProxyReader.read(
              dialect
                  .node(request)
                  .orElseThrow(() ->
                      Status.INVALID_ARGUMENT
                          .withDescription("the first request of a stream must have a node")
                          .asException()),
              streams.services());
      replace(streams.snapshot(proxy));
    }
  }

  private void take(Q request) throws StatusException {
    if (dialect.typeUrl(request).equals(HEALTH)) {
      health(request);
      return;
    }
    Optional<ResourceType> type = ResourceType.of(dialect.typeUrl(request));
    if (type.isEmpty()) {
      return; // Of other types there is nothing, now and later.
    }
    Subscription known = subscriptions.get(type.get());
    Subscription subscription = known == null ? new Subscription() : known;
    subscriptions.put(type.get(), subscription);
    String nonce = dialect.nonce(request);
    if (known != null && !nonce.isEmpty()) {
      if (!subscription.sentLast(nonce)) {
        return; // It answers an older response; the answer to the last is on its way.
      }
      answer(request, type.get(), subscription);
    }
    try {
      dialect.subscribe(request, subscription, known == null);
    } catch (IllegalArgumentException e) {
      throw Status.RESOURCE_EXHAUSTED.withDescription(e.getMessage()).asException();
    }
  }

  private void answer(Q request, ResourceType type, Subscription subscription) {
    Optional<String> refusal = dialect.refusal(request);
    if (refusal.isPresent()) {
      Nack nack = subscription.refused(refusal.get(), streams.now());
      if (proxy != null) {
        streams.refused(proxy, type, nack.names(), nack.reason());
      }
    } else if (dialect.accepts(request, subscription.versionSent())) {
      subscription.accepted();
    }
  }

  private void health(Q request) throws StatusException {
    healthy = Set.copyOf(dialect.listed(request, healthy));
    Set<Integer> ports = new HashSet<>();
    for (String name : healthy) {
      if (!name.matches("[1-9][0-9]{0,4}") || Integer.parseInt(name) > 65535) {
        throw Status.INVALID_ARGUMENT
            .withDescription("WorkloadHealth: \"" + name + "\" is not a port")
            .asException();
      }
      ports.add(Integer.parseInt(name));
    }
    if (proxy != null) {
      streams.health(id, proxy, ports);
    }
  }

  private void replace(Snapshot next) {
    Snapshot before = snapshot;
    snapshot = next;
    if (before != null) {
      for (ResourceType type : KEPT) {
        if (!before.version(type).equals(next.version(type))) {
          before
              .of(type)
              .forEach((name, resource) -> {
                if (!next.of(type).containsKey(name)) {
                  keep(type, resource);
                }
              });
        }
      }
    }
  }

  private void keep(ResourceType type, Versioned gone) {
    SortedMap<String, Versioned> old = kept.computeIfAbsent(type, key -> new TreeMap<>());
    if (old.size() >= MAX_KEPT) {
      old.clear();
    }
    old.put(gone.name(), gone);
  }

  private void push() {
    Snapshot target = snapshot;
    if (target != null
        && pushAll(target, Step.MAKE)
        && !mayReferToGone()
        && pushAll(target, Step.BREAK)) {
      kept.clear();
    }
  }

  /**
   * Whether the client may still go by listeners or routes from before: it has not accepted the
   * newest, or waits with them for endpoints that are held back.
   */
  private boolean mayReferToGone() {
    return holdsWhatItCameWith() || inDoubt(ResourceType.LISTENER) || inDoubt(ResourceType.ROUTES);
  }

  private boolean inDoubt(ResourceType type) {
    Subscription subscription = subscriptions.get(type);
    return subscription != null && (subscription.awaiting() || subscription.nack().isPresent());
  }

  private boolean holdsWhatItCameWith() {
    return !streams.warm() && subscriptions.values().stream().anyMatch(Subscription::resumed);
  }

  /** False when something is left to send later; what comes after it in the order waits too. */
  private boolean pushAll(Snapshot target, Step step) {
    for (ResourceType type : ResourceType.values()) {
      Subscription subscription = subscriptions.get(type);
      boolean held =
          type == ResourceType.ENDPOINTS
              && subscription != null
              && subscription.resumed()
              && !streams.warm();
      if (subscription != null && !held && !push(type, subscription, target, step)) {
        return false;
      }
    }
    return true;
  }

  private boolean push(ResourceType type, Subscription subscription, Snapshot snapshot, Step step) {
    boolean keeping = step == Step.MAKE && KEPT.contains(type);
    SortedMap<String, Versioned> target = snapshot.of(type);
    String version = snapshot.version(type);
    SortedMap<String, Versioned> old = kept.get(type);
    if ((!keeping || old == null) && subscription.isUpTo(version)) {
      return true;
    }
    if (keeping && old != null) {
      target = subscription.keeping(old, target);
      version = target.size() == snapshot.of(type).size() ? version : version + "-keeping";
    }
    Change change = subscription.change(target, !keeping);
    if (!dialect.says(type, change, subscription) && !subscription.owesAnswer()) {
      subscription.passOver(change, version, !keeping);
      return true;
    }
    if (subscription.awaiting() || !peer.ready()) {
      return false;
    }
    String nonce = id + "-" + ++nonces;
    R response =
        dialect.response(
            type.typeUrl(),
            version,
            nonce,
            change,
            subscription.wanted(target).values(),
            subscription);
    subscription.sent(change, version, nonce);
    peer.send(response);
    if (type == ResourceType.CLUSTER) {
      sendEndpointsOf(change);
    }
    return true;
  }

  /** Envoy does not use a changed cluster before it is sent its endpoints, changed or not. */
  private void sendEndpointsOf(Change clusters) {
    Subscription endpoints = subscriptions.get(ResourceType.ENDPOINTS);
    if (endpoints != null) {
      endpoints.forget(clusters.changed().stream().map(Versioned::name).toList());
    }
  }

  void end(Status status) {
    peer.end(status);
  }

  long id() {
    return id;
  }

  Optional<Proxy> proxy() {
    return Optional.ofNullable(proxy);
  }

  Optional<Snapshot> snapshot() {
    return Optional.ofNullable(snapshot);
  }

  Map<ResourceType, Subscription> subscriptions() {
    return subscriptions;
  }

  Set<String> healthy() {
    return healthy;
  }
}
