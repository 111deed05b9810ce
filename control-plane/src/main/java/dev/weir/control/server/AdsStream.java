package dev.weir.control.server;

import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.subscription.Change;
import dev.weir.control.server.subscription.Dialect;
import dev.weir.control.server.subscription.Nack;
import dev.weir.control.server.subscription.NameSet;
import dev.weir.control.server.subscription.OwnWords;
import dev.weir.control.server.subscription.Subscription;
import dev.weir.control.snapshot.Snapshot;
import dev.weir.control.snapshot.View;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.service.health.v1alpha1.WorkloadHealth;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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

  /** In their order. */
  private static final List<ResourceType> TYPES = List.of(ResourceType.values());

  /** Types whose resources others refer to. */
  private static final Set<ResourceType> KEPT =
      EnumSet.of(ResourceType.CLUSTER, ResourceType.ENDPOINTS);

  /** First nothing is taken away that may still be referred to; then it is. */
  private enum Step {
    MAKE,
    BREAK
  }

  private final long id;
  private final Dialect<Q, R> dialect;
  private final Peer<R> peer;
  private final Streams streams;
  private final Caller caller;
  private final EnumMap<ResourceType, Subscription> subscriptions =
      new EnumMap<>(ResourceType.class);

  private final OwnWords words = new OwnWords();

  private @Nullable Proxy proxy;
  private @Nullable Snapshot snapshot;
  private boolean open;

  /** What its client's own words took when that was asked. */
  private long said;

  /** Types of which there may be something to say. An event looks at no other. */
  private final Set<ResourceType> unsettled = EnumSet.noneOf(ResourceType.class);

  /** Types of which a response is not answered yet. */
  private final Set<ResourceType> awaiting = EnumSet.noneOf(ResourceType.class);

  /** Since when something waits to be sent, or to be answered. */
  private @Nullable Duration waiting;

  AdsStream(long id, Dialect<Q, R> dialect, Peer<R> peer, Streams streams, Caller caller) {
    this.id = id;
    this.dialect = dialect;
    this.peer = peer;
    this.streams = streams;
    this.caller = caller;
  }

  void request(Q request) {
    settle();
    waiting = null;
    try {
      identify(request);
      take(request);
      push();
    } catch (StatusException e) {
      peer.end(e.getStatus());
    }
  }

  /** What held something back may be over. */
  void refresh() {
    if (proxy != null) {
      refresh(streams.snapshot(proxy));
    }
  }

  /**
   * The mesh changed.
   *
   * @param next as {@link Streams#snapshot} of its proxy
   */
  void refresh(Snapshot next) {
    settle();
    try {
      replace(next);
      push();
    } catch (IllegalArgumentException tooMuch) {
      peer.end(exhausted(tooMuch));
    }
  }

  private static Status exhausted(IllegalArgumentException tooMuch) {
    return Status.RESOURCE_EXHAUSTED.withDescription(tooMuch.getMessage());
  }

  /** The peer can take more. */
  void ready() {
    settle();
    waiting = null;
    push();
  }

  private void identify(Q request) throws StatusException {
    if (proxy == null) {
      Proxy read =
          ProxyReader.read(
              dialect
                  .node(request)
                  .orElseThrow(() ->
                      Status.INVALID_ARGUMENT
                          .withDescription("the first request of a stream must have a node")
                          .asException()),
              streams::pod);
      Optional<String> wrong = caller.refusal(read);
      if (wrong.isPresent()) {
        streams.wrong(wrong.get());
        throw Status.PERMISSION_DENIED.withDescription(wrong.get()).asException();
      }
      ProxyReader.checkThere(read, streams.services());
      Optional<String> refusal = streams.entered(id, read);
      if (refusal.isPresent()) {
        streams.wrong("%s (%s): %s".formatted(read.id(), read.service(), refusal.get()));
        throw Status.RESOURCE_EXHAUSTED.withDescription(refusal.get()).asException();
      }
      proxy = read;
      replace(streams.snapshot(read));
    }
  }

  /** It is one of those that are served. */
  void opened() {
    open = true;
  }

  /** Whether it is served: it was not refused, and is not over. */
  boolean isOpen() {
    return open;
  }

  /** The stream is over. */
  void closed() {
    open = false;
    if (proxy != null) {
      streams.left(proxy);
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
    Subscription subscription = known == null ? new Subscription(view(type.get())) : known;
    if (known == null) {
      subscriptions.put(type.get(), subscription);
    }
    String nonce = dialect.nonce(request);
    if (known != null && !nonce.isEmpty()) {
      if (subscription.sentLast(nonce)) {
        answer(request, type.get(), subscription);
      } else if (!dialect.meansItWhateverItAnswers()) {
        return; // The answer to the last response is on its way, and says all of this again.
      }
    }
    unsettled.add(type.get());
    try {
      dialect.subscribe(request, subscription, known == null);
      if (type.get() == ResourceType.DESTINATION) {
        called(subscription);
      }
    } catch (IllegalArgumentException tooMuch) {
      throw exhausted(tooMuch).asException();
    }
  }

  /** A client that comes back says so first, and is told at once of all it was told of before. */
  private void called(Subscription destinations) throws StatusException {
    NameSet names = destinations.names();
    if (words.called(names) && proxy != null && streams.called(proxy, names.all())) {
      replace(streams.snapshot(proxy));
    }
  }

  private View view(ResourceType type) {
    return snapshot == null ? View.EMPTY : snapshot.of(type);
  }

  private void answer(Q request, ResourceType type, Subscription subscription) {
    peer.answered(type);
    Optional<String> refusal = dialect.refusal(request);
    if (refusal.isPresent()) {
      Nack nack = subscription.refused(refusal.get(), streams.now());
      if (proxy != null && snapshot != null) {
        streams.refused(
            proxy, type, nack.names(), nack.reason(), snapshot.origins(type, nack.accused()));
      }
    } else if (dialect.accepts(request, subscription.versionSent())) {
      if (subscription.awaiting()) {
        streams.accepted(streams.uptime().minus(subscription.sentAt()));
      }
      subscription.accepted(dialect.isWhole(type, subscription));
    }
    if (!subscription.awaiting()) {
      awaiting.remove(type);
    }
  }

  /** Answers that were noted take effect, and from now on all come here. */
  private void settle() {
    Iterator<ResourceType> types = awaiting.iterator();
    while (types.hasNext()) {
      ResourceType type = types.next();
      if (peer.noted(type)) {
        types.remove();
        taken(type);
        waiting = awaiting.isEmpty() ? null : streams.uptime();
      }
    }
  }

  private void taken(ResourceType type) {
    peer.answered(type);
    Subscription subscription = subscriptions.get(type);
    if (subscription != null) {
      subscription.accepted(dialect.isWhole(type, subscription));
      subscription.upTo(view(type).version());
    }
  }

  /** If nothing follows from the answers that are to come, they need not come here. */
  private void rest() {
    if (awaiting.isEmpty() || !unsettled.isEmpty() || saidNow() != said) {
      return;
    }
    for (ResourceType type : awaiting) {
      Subscription subscription = subscriptions.get(type);
      if (subscription != null && subscription.nack().isEmpty()) {
        peer.note(type, subscription.nonceSent());
      }
    }
  }

  private void health(Q request) throws StatusException {
    words.healthy(dialect.listed(request, healthy()));
    Set<Integer> ports = healthy().stream().map(Integer::valueOf).collect(Collectors.toSet());
    if (proxy != null) {
      streams.health(id, proxy, ports);
    }
  }

  private void replace(Snapshot next) {
    Snapshot before = snapshot;
    snapshot = next;
    for (ResourceType type : TYPES) {
      View view = next.of(type);
      if (before == null || view != before.of(type)) {
        advance(type, view);
      }
    }
  }

  private void advance(ResourceType type, View view) {
    Subscription subscription = subscriptions.get(type);
    if (subscription != null) {
      unsettled.add(type);
      subscription.advance(view);
    }
  }

  private void push() {
    boolean all = pushAll(Step.MAKE);
    // What is unsettled now is what the first step does not say.
    if (all && !Collections.disjoint(unsettled, KEPT) && !mayReferToGone()) {
      all = pushAll(Step.BREAK);
    }
    if (all && awaiting.isEmpty()) {
      waiting = null;
    } else if (waiting == null && !peer.inLine()) {
      waiting = streams.uptime();
    }
    rest();
  }

  /** Whether something has waited since before {@code time}, and the client said nothing. */
  boolean isStuckSince(Duration time) {
    if (waiting == null || waiting.compareTo(time) >= 0) {
      return false;
    }
    settle();
    rest();
    return waiting != null && waiting.compareTo(time) < 0;
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
  private boolean pushAll(Step step) {
    for (ResourceType type : TYPES) {
      Subscription subscription = unsettled.contains(type) ? subscriptions.get(type) : null;
      if (subscription != null) {
        if (!push(type, subscription, step)) {
          return false;
        }
        if (subscription.isSettled()) {
          unsettled.remove(type);
        }
      }
    }
    return true;
  }

  private boolean held(ResourceType type, Subscription subscription, String name) {
    return type == ResourceType.ENDPOINTS && subscription.resumed() && streams.silent(name);
  }

  private boolean push(ResourceType type, Subscription subscription, Step step) {
    if (subscription.isSettled()) {
      subscription.upTo(view(type).version());
      return true;
    }
    boolean removals = step == Step.BREAK || !KEPT.contains(type);
    Change change = subscription.change(removals, name -> held(type, subscription, name));
    if (!dialect.says(type, change, subscription) && !subscription.owesAnswer()) {
      subscription.settle(change);
      if (removals || subscription.isSettled()) {
        subscription.upTo(view(type).version());
      }
      return true;
    }
    if (subscription.awaiting() || !peer.ready(size(type, subscription, change))) {
      return false;
    }
    String version = view(type).version();
    if (!removals && subscription.keeps()) {
      version += "-keeping";
    }
    R response =
        dialect.response(
            type,
            version,
            change,
            subscription,
            () -> subscription.wanted(removals),
            proxy == null ? "" : proxy.zone());
    peer.send(type, response);
    subscription.sent(change, version, dialect.nonceOf(response), streams.uptime());
    awaiting.add(type);
    streams.sent(type);
    if (type == ResourceType.CLUSTER) {
      sendEndpointsOf(change);
    }
    return true;
  }

  private long size(ResourceType type, Subscription subscription, Change change) {
    return dialect.isWhole(type, subscription) ? subscription.size() : change.size();
  }

  /** Envoy does not use a changed cluster before it is sent its endpoints, changed or not. */
  private void sendEndpointsOf(Change clusters) {
    Subscription endpoints = subscriptions.get(ResourceType.ENDPOINTS);
    if (endpoints != null) {
      unsettled.add(ResourceType.ENDPOINTS);
      endpoints.again(clusters.changed());
    }
  }

  void end(Status status) {
    peer.end(status);
  }

  long id() {
    return id;
  }

  Caller caller() {
    return caller;
  }

  /** What the client's own words take more, in bytes, than when this was asked before, or less. */
  long saidMore() {
    long now = saidNow();
    long more = now - said;
    said = now;
    return more;
  }

  private long saidNow() {
    long now = words.bytes();
    for (ResourceType type : TYPES) {
      Subscription subscription = subscriptions.get(type);
      now += subscription == null ? 0 : subscription.said();
    }
    return now;
  }

  /** What they took when {@link #saidMore} was asked. */
  long said() {
    return said;
  }

  Optional<Proxy> proxy() {
    return Optional.ofNullable(proxy);
  }

  Optional<Snapshot> snapshot() {
    return Optional.ofNullable(snapshot);
  }

  /** Once what was noted, answers to what they were sent, counts for them. */
  Map<ResourceType, Subscription> settledSubscriptions() {
    settle();
    rest();
    return subscriptions;
  }

  Set<String> healthy() {
    return words.healthy();
  }
}
