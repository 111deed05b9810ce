package dev.weir.sidecar.admin;

import com.google.protobuf.Any;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.store.DynamicConfig;
import dev.weir.sidecar.xds.store.ResourceFact;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import java.util.List;

/**
 * {@code /config_dump}: the bootstrap, and what has streamed, with versions and refusals.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/admin/v3/config_dump.proto
 */
final class ConfigDumpPage {
  private ConfigDumpPage() {}

  static String json(AdminState state) {
    Bootstrap bootstrap = state.loaded().proto();
    DynamicConfig dynamic = state.dynamic();
    ConfigDump dump =
        ConfigDump.newBuilder()
            .addConfigs(Any.pack(BootstrapConfigDump.newBuilder().setBootstrap(bootstrap).build()))
            .addConfigs(Any.pack(clusters(bootstrap, facts(dynamic, ResourceType.CLUSTER))))
            .addConfigs(Any.pack(endpoints(facts(dynamic, ResourceType.ENDPOINTS))))
            .addConfigs(Any.pack(listeners(bootstrap, facts(dynamic, ResourceType.LISTENER))))
            .addConfigs(Any.pack(routes(facts(dynamic, ResourceType.ROUTE))))
            .build();
    return JsonWriter.write(Secrets.redacted(ProtoWriter.write(dump))) + "\n";
  }

  private static List<ResourceFact> facts(
      @org.jspecify.annotations.Nullable DynamicConfig dynamic, ResourceType type) {
    return dynamic == null ? List.of() : dynamic.facts(type);
  }

  private static ClustersConfigDump clusters(Bootstrap bootstrap, List<ResourceFact> facts) {
    ClustersConfigDump.Builder dump = ClustersConfigDump.newBuilder();
    bootstrap
        .getStaticResources()
        .getClustersList()
        .forEach(cluster ->
            dump.addStaticClusters(
                ClustersConfigDump.StaticCluster.newBuilder().setCluster(Any.pack(cluster))));
    for (ResourceFact fact : facts) {
      fact.inForce().ifPresent(resource -> dump.addDynamicActiveClusters(cluster(fact, resource)));
      fact.warming().ifPresent(resource -> dump.addDynamicWarmingClusters(cluster(fact, resource)));
    }
    return dump.build();
  }

  private static ClustersConfigDump.DynamicCluster cluster(ResourceFact fact, Resource resource) {
    ClustersConfigDump.DynamicCluster.Builder entry =
        ClustersConfigDump.DynamicCluster.newBuilder()
            .setVersionInfo(resource.version())
            .setCluster(resource.body())
            .setClientStatus(status(fact));
    fact.refused().ifPresent(why -> entry.setErrorState(failure(why)));
    return entry.build();
  }

  private static EndpointsConfigDump endpoints(List<ResourceFact> facts) {
    EndpointsConfigDump.Builder dump = EndpointsConfigDump.newBuilder();
    for (ResourceFact fact : facts) {
      fact.inForce()
          .ifPresent(resource -> {
            EndpointsConfigDump.DynamicEndpointConfig.Builder entry =
                EndpointsConfigDump.DynamicEndpointConfig.newBuilder()
                    .setVersionInfo(resource.version())
                    .setEndpointConfig(resource.body())
                    .setClientStatus(status(fact));
            fact.refused().ifPresent(why -> entry.setErrorState(failure(why)));
            dump.addDynamicEndpointConfigs(entry);
          });
    }
    return dump.build();
  }

  private static ListenersConfigDump listeners(Bootstrap bootstrap, List<ResourceFact> facts) {
    ListenersConfigDump.Builder dump = ListenersConfigDump.newBuilder();
    bootstrap
        .getStaticResources()
        .getListenersList()
        .forEach(listener ->
            dump.addStaticListeners(
                ListenersConfigDump.StaticListener.newBuilder().setListener(Any.pack(listener))));
    for (ResourceFact fact : facts) {
      ListenersConfigDump.DynamicListener.Builder entry =
          ListenersConfigDump.DynamicListener.newBuilder()
              .setName(fact.name())
              .setClientStatus(status(fact));
      fact.inForce().ifPresent(resource -> entry.setActiveState(listener(resource)));
      fact.warming().ifPresent(resource -> entry.setWarmingState(listener(resource)));
      fact.refused().ifPresent(why -> entry.setErrorState(failure(why)));
      dump.addDynamicListeners(entry);
    }
    return dump.build();
  }

  private static ListenersConfigDump.DynamicListenerState listener(Resource resource) {
    return ListenersConfigDump.DynamicListenerState.newBuilder()
        .setVersionInfo(resource.version())
        .setListener(resource.body())
        .build();
  }

  private static RoutesConfigDump routes(List<ResourceFact> facts) {
    RoutesConfigDump.Builder dump = RoutesConfigDump.newBuilder();
    for (ResourceFact fact : facts) {
      fact.inForce()
          .ifPresent(resource -> {
            RoutesConfigDump.DynamicRouteConfig.Builder entry =
                RoutesConfigDump.DynamicRouteConfig.newBuilder()
                    .setVersionInfo(resource.version())
                    .setRouteConfig(resource.body())
                    .setClientStatus(status(fact));
            fact.refused().ifPresent(why -> entry.setErrorState(failure(why)));
            dump.addDynamicRouteConfigs(entry);
          });
    }
    return dump.build();
  }

  private static UpdateFailureState failure(String why) {
    return UpdateFailureState.newBuilder().setDetails(why).build();
  }

  private static ClientResourceStatus status(ResourceFact fact) {
    return fact.refused().isPresent() ? ClientResourceStatus.NACKED : ClientResourceStatus.ACKED;
  }
}
