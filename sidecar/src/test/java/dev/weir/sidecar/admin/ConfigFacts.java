package dev.weir.sidecar.admin;

import static dev.weir.sidecar.xds.TestDynamicConfig.any;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.xds.ResourceType;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** What is said of each version of each resource, a line each, the same by whom it is said. */
final class ConfigFacts {
  private ConfigFacts() {}

  /** The last word of it. */
  static String type(String typeUrl) {
    return typeUrl.substring(typeUrl.lastIndexOf('.') + 1);
  }

  /** What either says of one version of one resource. */
  private static String fact(
      String typeUrl,
      String name,
      String version,
      ClientResourceStatus status,
      Optional<Any> body,
      Timestamp updated,
      UpdateFailureState error) {
    return String.join(
        "|",
        type(typeUrl),
        name,
        version,
        status.toString(),
        body.map(ConfigFacts::json).orElse("none"),
        json(updated),
        json(error));
  }

  private static String json(Message message) {
    return JsonWriter.write(ProtoWriter.write(message)).replace("\n", "");
  }

  static <T extends Message> T read(String json, T prototype) {
    Converted<T> converted =
        ProtoReader.read(YamlReader.read("json", json).documents().getFirst(), prototype);
    assertEquals(List.of(), converted.problems());
    return converted.message();
  }

  static SortedSet<String> facts(ClientStatusResponse response) {
    SortedSet<String> facts = new TreeSet<>();
    for (GenericXdsConfig each : response.getConfig(0).getGenericXdsConfigsList()) {
      facts.add(
          fact(
              each.getTypeUrl(),
              each.getName(),
              each.getVersionInfo(),
              each.getClientStatus(),
              each.hasXdsConfig() ? Optional.of(each.getXdsConfig()) : Optional.empty(),
              each.getLastUpdated(),
              each.getErrorState()));
    }
    return facts;
  }

  /** A message of a dump, by the names of its fields: they are the same in all of them. */
  private static void addEntry(
      Message entry, String bodyField, ClientResourceStatus status, SortedSet<String> facts)
      throws IOException {
    Any body = (Any) field(entry, bodyField);
    String version = has(entry, "version_info") ? (String) field(entry, "version_info") : "";
    boolean there = status == ClientResourceStatus.UNKNOWN || !version.isEmpty();
    Message opened =
        body.getTypeUrl().isEmpty()
            ? Secret.newBuilder().setName((String) field(entry, "name")).build()
            : TypeRegistry.prototype(body.getTypeUrl())
                .orElseThrow()
                .getParserForType()
                .parseFrom(body.getValue());
    String nameField = has(opened, "cluster_name") ? "cluster_name" : "name";
    facts.add(
        fact(
            TypeRegistry.typeUrl(opened),
            (String) field(opened, nameField),
            version,
            status,
            there ? Optional.of(body) : Optional.empty(),
            (Timestamp) field(entry, "last_updated"),
            has(entry, "error_state")
                ? (UpdateFailureState) field(entry, "error_state")
                : UpdateFailureState.getDefaultInstance()));
  }

  private static boolean has(Message message, String field) {
    return message.getDescriptorForType().findFieldByName(field) != null;
  }

  private static Object field(Message message, String field) {
    return message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  private static void addListener(
      ListenersConfigDump.DynamicListener each, SortedSet<String> facts) {
    List<ListenersConfigDump.DynamicListenerState> states = new ArrayList<>();
    if (each.hasActiveState()) {
      states.add(each.getActiveState());
    }
    if (each.hasWarmingState()) {
      states.add(each.getWarmingState());
    }
    if (states.isEmpty()) {
      states.add(ListenersConfigDump.DynamicListenerState.getDefaultInstance());
    }
    for (ListenersConfigDump.DynamicListenerState state : states) {
      facts.add(
          fact(
              ResourceType.LISTENER.typeUrl(),
              each.getName(),
              state.getVersionInfo(),
              each.getClientStatus(),
              state.hasListener() ? Optional.of(state.getListener()) : Optional.empty(),
              state.getLastUpdated(),
              each.getErrorState()));
    }
  }

  /** Of {@code /config_dump}. */
  static SortedSet<String> facts(String page) throws IOException {
    SortedSet<String> facts = new TreeSet<>();
    ClientResourceStatus none = ClientResourceStatus.UNKNOWN;
    for (Any any : read(page, ConfigDump.getDefaultInstance()).getConfigsList()) {
      if (any.is(ClustersConfigDump.class)) {
        ClustersConfigDump dump = any.unpack(ClustersConfigDump.class);
        for (Message each : dump.getStaticClustersList()) {
          addEntry(each, "cluster", none, facts);
        }
        List<ClustersConfigDump.DynamicCluster> dynamic =
            new ArrayList<>(dump.getDynamicActiveClustersList());
        dynamic.addAll(dump.getDynamicWarmingClustersList());
        for (ClustersConfigDump.DynamicCluster each : dynamic) {
          addEntry(each, "cluster", each.getClientStatus(), facts);
        }
      } else if (any.is(EndpointsConfigDump.class)) {
        for (var each : any.unpack(EndpointsConfigDump.class).getDynamicEndpointConfigsList()) {
          addEntry(each, "endpoint_config", each.getClientStatus(), facts);
        }
      } else if (any.is(RoutesConfigDump.class)) {
        for (var each : any.unpack(RoutesConfigDump.class).getDynamicRouteConfigsList()) {
          addEntry(each, "route_config", each.getClientStatus(), facts);
        }
      } else if (any.is(SecretsConfigDump.class)) {
        SecretsConfigDump dump = any.unpack(SecretsConfigDump.class);
        for (Message each : dump.getStaticSecretsList()) {
          addEntry(each, "secret", none, facts);
        }
        List<SecretsConfigDump.DynamicSecret> dynamic =
            new ArrayList<>(dump.getDynamicActiveSecretsList());
        dynamic.addAll(dump.getDynamicWarmingSecretsList());
        for (SecretsConfigDump.DynamicSecret each : dynamic) {
          addEntry(each, "secret", each.getClientStatus(), facts);
        }
      } else if (any.is(ListenersConfigDump.class)) {
        ListenersConfigDump dump = any.unpack(ListenersConfigDump.class);
        for (Message each : dump.getStaticListenersList()) {
          addEntry(each, "listener", none, facts);
        }
        for (ListenersConfigDump.DynamicListener each : dump.getDynamicListenersList()) {
          addListener(each, facts);
        }
      }
    }
    return facts;
  }
}
