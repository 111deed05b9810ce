package dev.weir.sidecar.admin;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.store.DynamicConfig;
import dev.weir.sidecar.xds.store.ResourceFact;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * One version of one resource as it is shown, without what must not be seen. It is made here alone,
 * so that {@code /config_dump} and the client status discovery service say the same.
 *
 * @param version as the server called it; empty for one of the bootstrap, and for one that is
 *     {@link Place#NOWHERE}
 * @param body empty for one that is {@link Place#NOWHERE}, and where bodies are not asked for
 * @param updated when this content came
 * @param error why the last one of the name that came was refused
 */
record ShownResource(
    ResourceType type,
    String name,
    Place place,
    String version,
    Optional<Any> body,
    Optional<Timestamp> updated,
    ClientResourceStatus status,
    Optional<UpdateFailureState> error) {
  /** Where it is. */
  enum Place {
    /** In force, from the bootstrap. */
    STATIC,
    IN_FORCE,
    /** It waits for what it refers to. */
    WARMING,
    /** It is asked for, or was refused, and there is none. */
    NOWHERE
  }

  /** In the order that configuration is followed in. */
  private static final List<ResourceType> ORDER =
      List.of(
          ResourceType.LISTENER,
          ResourceType.ROUTE,
          ResourceType.CLUSTER,
          ResourceType.ENDPOINTS,
          ResourceType.SECRET,
          ResourceType.DESTINATION);

  /**
   * All there are, by type; of a type first those of the bootstrap, then by name; of a name first
   * the one that is in force. Any thread that may wait, but the control thread.
   *
   * @param bodies whether they are wanted
   * @throws TimeoutException the control thread does not answer
   */
  static List<ShownResource> all(AdminState state, boolean bodies)
      throws InterruptedException, TimeoutException {
    DynamicConfig dynamic = state.dynamic();
    Map<ResourceType, List<ResourceFact>> facts = dynamic == null ? Map.of() : dynamic.facts();
    List<ShownResource> all = new ArrayList<>();
    for (ResourceType type : ORDER) {
      statics(state, type, bodies, all);
      for (ResourceFact fact : facts.getOrDefault(type, List.of())) {
        streamed(type, fact, bodies, all);
      }
    }
    return all;
  }

  private static void statics(
      AdminState state, ResourceType type, boolean bodies, List<ShownResource> all) {
    Bootstrap.StaticResources resources = state.loaded().proto().getStaticResources();
    Timestamp started = timestamp(state.started());
    switch (type) {
      case LISTENER ->
          resources
              .getListenersList()
              .forEach(each -> all.add(ofBootstrap(type, each.getName(), each, bodies, started)));
      case CLUSTER ->
          resources
              .getClustersList()
              .forEach(each -> all.add(ofBootstrap(type, each.getName(), each, bodies, started)));
      case SECRET ->
          resources
              .getSecretsList()
              .forEach(each -> all.add(ofBootstrap(type, each.getName(), each, bodies, started)));
      case ROUTE, ENDPOINTS, DESTINATION -> {} // they are parts of others there
    }
  }

  private static ShownResource ofBootstrap(
      ResourceType type, String name, Message message, boolean bodies, Timestamp started) {
    return new ShownResource(
        type,
        name,
        Place.STATIC,
        "",
        bodies ? Optional.of(Secrets.redacted(Any.pack(message))) : Optional.empty(),
        Optional.of(started),
        ClientResourceStatus.UNKNOWN,
        Optional.empty());
  }

  private static void streamed(
      ResourceType type, ResourceFact fact, boolean bodies, List<ShownResource> all) {
    Optional<UpdateFailureState> error = fact.refused().map(refusal -> failure(refusal, bodies));
    ClientResourceStatus status = status(fact);
    fact.inForce()
        .ifPresent(
            held -> all.add(held(type, fact.name(), Place.IN_FORCE, held, bodies, status, error)));
    fact.warming()
        .ifPresent(
            held -> all.add(held(type, fact.name(), Place.WARMING, held, bodies, status, error)));
    if (fact.inForce().isEmpty() && fact.warming().isEmpty()) {
      all.add(
          new ShownResource(
              type,
              fact.name(),
              Place.NOWHERE,
              "",
              Optional.empty(),
              Optional.empty(),
              status,
              error));
    }
  }

  private static ShownResource held(
      ResourceType type,
      String name,
      Place place,
      ResourceFact.Held held,
      boolean bodies,
      ClientResourceStatus status,
      Optional<UpdateFailureState> error) {
    Resource resource = held.resource();
    return new ShownResource(
        type,
        name,
        place,
        resource.version(),
        bodies ? Optional.of(Secrets.redacted(resource.body())) : Optional.empty(),
        Optional.of(timestamp(held.since())),
        status,
        error);
  }

  private static ClientResourceStatus status(ResourceFact fact) {
    if (fact.refused().isPresent()) {
      return ClientResourceStatus.NACKED;
    }
    return switch (fact.asked()) {
      case ANSWERED -> ClientResourceStatus.ACKED;
      case ABSENT -> ClientResourceStatus.DOES_NOT_EXIST;
      case WAITING -> ClientResourceStatus.REQUESTED;
    };
  }

  private static UpdateFailureState failure(ResourceFact.Refusal refusal, boolean bodies) {
    UpdateFailureState.Builder failure =
        UpdateFailureState.newBuilder()
            .setDetails(refusal.details())
            .setLastUpdateAttempt(timestamp(refusal.at()));
    refusal.version().ifPresent(failure::setVersionInfo);
    if (bodies) {
      refusal
          .resource()
          .ifPresent(each -> failure.setFailedConfiguration(Secrets.redacted(each.body())));
    }
    return failure.build();
  }

  private static Timestamp timestamp(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  /** As the client status discovery service tells it. */
  GenericXdsConfig generic() {
    GenericXdsConfig.Builder config =
        GenericXdsConfig.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setName(name)
            .setVersionInfo(version)
            .setClientStatus(status)
            .setIsStaticResource(place == Place.STATIC);
    body.ifPresent(config::setXdsConfig);
    updated.ifPresent(config::setLastUpdated);
    error.ifPresent(config::setErrorState);
    return config.build();
  }
}
