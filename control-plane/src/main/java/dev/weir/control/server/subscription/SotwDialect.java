package dev.weir.control.server.subscription;

import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.snapshot.Versioned;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * State of the world. Clusters and listeners come all at once, and what is not among them is gone;
 * of the other types only what changed is sent, and nothing can be said of what is gone.
 */
public final class SotwDialect implements Dialect<DiscoveryRequest, DiscoveryResponse> {
  private static final String EVERYTHING = "*";

  private final ControlPlane identity;
  private long nonces;

  public SotwDialect(ControlPlane identity) {
    this.identity = identity;
  }

  @Override
  public String typeUrl(DiscoveryRequest request) {
    return request.getTypeUrl();
  }

  @Override
  public Optional<Node> node(DiscoveryRequest request) {
    return request.hasNode() ? Optional.of(request.getNode()) : Optional.empty();
  }

  @Override
  public String nonce(DiscoveryRequest request) {
    return request.getResponseNonce();
  }

  @Override
  public Optional<String> refusal(DiscoveryRequest request) {
    return request.hasErrorDetail()
        ? Optional.of(request.getErrorDetail().getMessage())
        : Optional.empty();
  }

  /** It says all names again, which may be others. */
  @Override
  public boolean onlyTakes(DiscoveryRequest request) {
    return false;
  }

  /** A change of names after a refusal has the last nonce too, and the version before. */
  @Override
  public boolean accepts(DiscoveryRequest request, String version) {
    return request.getVersionInfo().equals(version);
  }

  @Override
  public boolean meansItWhateverItAnswers() {
    return false;
  }

  @Override
  public void subscribe(DiscoveryRequest request, Subscription subscription, boolean first) {
    Set<String> names = new HashSet<>(request.getResourceNamesList());
    boolean wildcardType =
        ResourceType.of(request.getTypeUrl()).filter(ResourceType::wildcard).isPresent();
    boolean everything =
        names.remove(EVERYTHING)
            || (wildcardType && names.isEmpty() && (first || subscription.wildcard()));
    if (everything && !subscription.wildcard()) {
      subscription.wantEverything();
    } else if (!everything && subscription.wildcard()) {
      subscription.stopWantingEverything();
    }
    subscription.replace(names);
    if (first && !request.getVersionInfo().isEmpty()) {
      subscription.resume();
    }
  }

  @Override
  public Set<String> listed(DiscoveryRequest request, Set<String> before) {
    return Set.copyOf(request.getResourceNamesList());
  }

  @Override
  public boolean isWhole(ResourceType type, Subscription subscription) {
    return type.wildcard() || subscription.wildcard();
  }

  @Override
  public boolean says(ResourceType type, Change change, Subscription subscription) {
    return isWhole(type, subscription) ? !change.isEmpty() : !change.changed().isEmpty();
  }

  @Override
  public DiscoveryResponse response(
      ResourceType type,
      String version,
      Change change,
      Subscription subscription,
      Supplier<List<Versioned>> all,
      String zone) {
    DiscoveryResponse.Builder response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(version)
            .setNonce(Long.toString(++nonces))
            .setControlPlane(identity);
    (isWhole(type, subscription) ? all.get() : change.changed())
        .forEach(resource -> response.addResources(resource.resource(zone).getResource()));
    return response.build();
  }

  @Override
  public String nonceOf(DiscoveryResponse response) {
    return response.getNonce();
  }
}
