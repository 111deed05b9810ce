package dev.weir.sidecar.admin;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.sidecar.admin.ShownResource.Place;
import dev.weir.sidecar.xds.ResourceType;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * {@code /config_dump}: the bootstrap, and what has streamed, with versions and refusals. Of a
 * resource that there is none of, where a message has no place for its name, the body is the name
 * alone. What Envoy has no message for is told as the client status discovery service does.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/admin/v3/config_dump.proto
 */
final class ConfigDumpPage {
  private ConfigDumpPage() {}

  /**
   * Any thread that may wait, but the control thread.
   *
   * @throws TimeoutException the control thread does not answer
   */
  static String json(AdminState state) throws InterruptedException, TimeoutException {
    List<ShownResource> all = ShownResource.all(state, true);
    BootstrapConfigDump bootstrap =
        BootstrapConfigDump.newBuilder().setBootstrap(state.loaded().proto()).build();
    ConfigDump.Builder dump =
        ConfigDump.newBuilder()
            .addConfigs(Secrets.redacted(Any.pack(bootstrap)))
            .addConfigs(Any.pack(clusters(of(all, ResourceType.CLUSTER))))
            .addConfigs(Any.pack(endpoints(of(all, ResourceType.ENDPOINTS))))
            .addConfigs(Any.pack(listeners(of(all, ResourceType.LISTENER))))
            .addConfigs(Any.pack(routes(of(all, ResourceType.ROUTE))));
    List<ShownResource> secrets = of(all, ResourceType.SECRET);
    if (!secrets.isEmpty()) {
      dump.addConfigs(Any.pack(secrets(secrets)));
    }
    List<ShownResource> others = of(all, ResourceType.DESTINATION);
    if (!others.isEmpty()) {
      ClientConfig.Builder config = ClientConfig.newBuilder();
      others.forEach(each -> config.addGenericXdsConfigs(each.generic()));
      dump.addConfigs(Any.pack(config.build()));
    }
    return JsonWriter.write(ProtoWriter.write(dump.build())) + "\n";
  }

  private static List<ShownResource> of(List<ShownResource> all, ResourceType type) {
    return all.stream().filter(each -> each.type() == type).toList();
  }

  /** The body, or one that says the name. */
  private static Any body(ShownResource resource, Message named) {
    return resource.body().orElseGet(() -> Any.pack(named));
  }

  private static ClustersConfigDump clusters(List<ShownResource> clusters) {
    ClustersConfigDump.Builder dump = ClustersConfigDump.newBuilder();
    for (ShownResource each : clusters) {
      Any body = body(each, Cluster.newBuilder().setName(each.name()).build());
      if (each.place() == Place.STATIC) {
        ClustersConfigDump.StaticCluster.Builder entry =
            dump.addStaticClustersBuilder().setCluster(body);
        each.updated().ifPresent(entry::setLastUpdated);
        continue;
      }
      ClustersConfigDump.DynamicCluster.Builder entry =
          ClustersConfigDump.DynamicCluster.newBuilder()
              .setVersionInfo(each.version())
              .setCluster(body)
              .setClientStatus(each.status());
      each.updated().ifPresent(entry::setLastUpdated);
      each.error().ifPresent(entry::setErrorState);
      if (each.place() == Place.IN_FORCE) {
        dump.addDynamicActiveClusters(entry);
      } else {
        dump.addDynamicWarmingClusters(entry); // it serves nobody
      }
    }
    return dump.build();
  }

  private static EndpointsConfigDump endpoints(List<ShownResource> endpoints) {
    EndpointsConfigDump.Builder dump = EndpointsConfigDump.newBuilder();
    for (ShownResource each : endpoints) {
      EndpointsConfigDump.DynamicEndpointConfig.Builder entry =
          dump.addDynamicEndpointConfigsBuilder()
              .setVersionInfo(each.version())
              .setEndpointConfig(
                  body(
                      each, ClusterLoadAssignment.newBuilder().setClusterName(each.name()).build()))
              .setClientStatus(each.status());
      each.updated().ifPresent(entry::setLastUpdated);
      each.error().ifPresent(entry::setErrorState);
    }
    return dump.build();
  }

  private static ListenersConfigDump listeners(List<ShownResource> listeners) {
    ListenersConfigDump.Builder dump = ListenersConfigDump.newBuilder();
    Map<String, ListenersConfigDump.DynamicListener.Builder> byName = new LinkedHashMap<>();
    for (ShownResource each : listeners) {
      if (each.place() == Place.STATIC) {
        ListenersConfigDump.StaticListener.Builder entry =
            dump.addStaticListenersBuilder().setListener(each.body().orElseThrow());
        each.updated().ifPresent(entry::setLastUpdated);
        continue;
      }
      ListenersConfigDump.DynamicListener.Builder entry =
          byName
              .computeIfAbsent(
                  each.name(), name -> ListenersConfigDump.DynamicListener.newBuilder())
              .setName(each.name())
              .setClientStatus(each.status());
      each.error().ifPresent(entry::setErrorState);
      if (each.place() == Place.IN_FORCE) {
        entry.setActiveState(state(each));
      } else if (each.place() == Place.WARMING) {
        entry.setWarmingState(state(each));
      }
    }
    byName.values().forEach(dump::addDynamicListeners);
    return dump.build();
  }

  private static ListenersConfigDump.DynamicListenerState state(ShownResource listener) {
    ListenersConfigDump.DynamicListenerState.Builder state =
        ListenersConfigDump.DynamicListenerState.newBuilder()
            .setVersionInfo(listener.version())
            .setListener(listener.body().orElseThrow());
    listener.updated().ifPresent(state::setLastUpdated);
    return state.build();
  }

  private static RoutesConfigDump routes(List<ShownResource> routes) {
    RoutesConfigDump.Builder dump = RoutesConfigDump.newBuilder();
    for (ShownResource each : routes) {
      RoutesConfigDump.DynamicRouteConfig.Builder entry =
          dump.addDynamicRouteConfigsBuilder()
              .setVersionInfo(each.version())
              .setRouteConfig(
                  body(each, RouteConfiguration.newBuilder().setName(each.name()).build()))
              .setClientStatus(each.status());
      each.updated().ifPresent(entry::setLastUpdated);
      each.error().ifPresent(entry::setErrorState);
    }
    return dump.build();
  }

  private static SecretsConfigDump secrets(List<ShownResource> secrets) {
    SecretsConfigDump.Builder dump = SecretsConfigDump.newBuilder();
    for (ShownResource each : secrets) {
      if (each.place() == Place.STATIC) {
        SecretsConfigDump.StaticSecret.Builder entry =
            dump.addStaticSecretsBuilder().setName(each.name());
        each.body().ifPresent(entry::setSecret);
        each.updated().ifPresent(entry::setLastUpdated);
        continue;
      }
      SecretsConfigDump.DynamicSecret.Builder entry =
          SecretsConfigDump.DynamicSecret.newBuilder()
              .setName(each.name())
              .setVersionInfo(each.version())
              .setClientStatus(each.status());
      each.body().ifPresent(entry::setSecret);
      each.updated().ifPresent(entry::setLastUpdated);
      each.error().ifPresent(entry::setErrorState);
      if (each.place() == Place.IN_FORCE) {
        dump.addDynamicActiveSecrets(entry);
      } else {
        dump.addDynamicWarmingSecrets(entry);
      }
    }
    return dump.build();
  }
}
