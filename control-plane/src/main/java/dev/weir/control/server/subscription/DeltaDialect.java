package dev.weir.control.server.subscription;

import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.snapshot.Versioned;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Incremental: only what changed, and by name what is gone. */
public final class DeltaDialect implements Dialect<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  private static final String EVERYTHING = "*";

  private final ControlPlane identity;
  private final SharedResponses shared = new SharedResponses();
  private long nonces;

  public DeltaDialect(ControlPlane identity) {
    this.identity = identity;
  }

  @Override
  public String typeUrl(DeltaDiscoveryRequest request) {
    return request.getTypeUrl();
  }

  @Override
  public Optional<Node> node(DeltaDiscoveryRequest request) {
    return request.hasNode() ? Optional.of(request.getNode()) : Optional.empty();
  }

  @Override
  public String nonce(DeltaDiscoveryRequest request) {
    return request.getResponseNonce();
  }

  @Override
  public Optional<String> refusal(DeltaDiscoveryRequest request) {
    return request.hasErrorDetail()
        ? Optional.of(request.getErrorDetail().getMessage())
        : Optional.empty();
  }

  @Override
  public boolean onlyTakes(DeltaDiscoveryRequest request) {
    return !request.getResponseNonce().isEmpty()
        && !request.hasErrorDetail()
        && saysNoNames(request);
  }

  private static boolean saysNoNames(DeltaDiscoveryRequest request) {
    return request.getResourceNamesSubscribeCount() == 0
        && request.getResourceNamesUnsubscribeCount() == 0;
  }

  /** Whatever carries a nonce answers. */
  @Override
  public boolean accepts(DeltaDiscoveryRequest request, String version) {
    return true;
  }

  /** What it subscribes to it says once. */
  @Override
  public boolean meansItWhateverItAnswers() {
    return true;
  }

  @Override
  public void subscribe(DeltaDiscoveryRequest request, Subscription subscription, boolean first) {
    if (!first && saysNoNames(request)) {
      return; // It answers, and wants what it wanted.
    }
    Set<String> added = new HashSet<>(request.getResourceNamesSubscribeList());
    Set<String> removed = new HashSet<>(request.getResourceNamesUnsubscribeList());
    boolean wildcardType =
        ResourceType.of(request.getTypeUrl()).filter(ResourceType::wildcard).isPresent();
    if (added.remove(EVERYTHING) || (first && wildcardType && added.isEmpty())) {
      subscription.wantEverything();
    }
    if (removed.remove(EVERYTHING)) {
      subscription.stopWantingEverything();
    }
    if (!removed.isEmpty()) {
      subscription.remove(removed);
    }
    if (!added.isEmpty()) {
      subscription.add(added);
    }
    if (first && request.getInitialResourceVersionsCount() > 0) {
      subscription.has(request.getInitialResourceVersionsMap());
    }
  }

  @Override
  public Set<String> listed(DeltaDiscoveryRequest request, Set<String> before) {
    Set<String> listed = new HashSet<>(before);
    request.getResourceNamesUnsubscribeList().forEach(listed::remove);
    listed.addAll(request.getResourceNamesSubscribeList());
    return listed;
  }

  @Override
  public boolean isWhole(ResourceType type, Subscription subscription) {
    return false;
  }

  @Override
  public boolean says(ResourceType type, Change change, Subscription subscription) {
    return !change.isEmpty();
  }

  @Override
  public DeltaDiscoveryResponse response(
      ResourceType type,
      String version,
      Change change,
      Subscription subscription,
      Supplier<List<Versioned>> all,
      String zone) {
    return shared.of(
        type,
        version,
        change,
        zone,
        subscription::sentLast,
        () -> made(type, version, change, zone));
  }

  private DeltaDiscoveryResponse made(
      ResourceType type, String version, Change change, String zone) {
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setSystemVersionInfo(version)
            .setNonce(Long.toString(++nonces))
            .setControlPlane(identity)
            .addAllRemovedResources(change.absent());
    change.changed().forEach(resource -> response.addResources(resource.resource(zone)));
    return response.build();
  }

  @Override
  public String nonceOf(DeltaDiscoveryResponse response) {
    return response.getNonce();
  }
}
