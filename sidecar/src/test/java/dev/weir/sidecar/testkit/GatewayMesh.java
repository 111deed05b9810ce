package dev.weir.sidecar.testkit;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.ProxyKind.ListenerPorts;
import dev.weir.control.compile.Slice;
import dev.weir.control.compile.Slices;
import dev.weir.control.compile.VirtualAddresses;
import dev.weir.control.compile.xds.Compiler;
import dev.weir.control.compile.xds.Elsewhere;
import dev.weir.control.compile.xds.OutboundPart;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.compile.xds.Telemetry;
import dev.weir.control.link.Linked;
import dev.weir.control.link.Linker;
import dev.weir.control.model.ObjectName;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.DocumentReader;
import dev.weir.control.source.resource.Resource;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.protos.yaml.YamlWriter;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assertions;

/**
 * Services and routes as people write them, compiled by the control plane for Weir's sidecar, and
 * the sidecar that has what became of them: a listener for each port that is called, and clusters
 * of ports of 127.0.0.1.
 */
public final class GatewayMesh {
  private final Map<String, RouteConfiguration> routes = new TreeMap<>();
  private final Map<String, HttpConnectionManager> managers = new TreeMap<>();
  private final Map<String, Cluster> clusters = new TreeMap<>();
  private final List<String> findings;

  private GatewayMesh(Linked linked, List<Finding> found, Set<String> extensions) {
    findings = found.stream().map(Finding::toString).toList();
    Mesh mesh =
        new Mesh(linked.model(), new VirtualAddresses().of(linked.model().services().values()));
    ProxyKind kind = new ProxyKind(0, ListenerPorts.DEFAULT, extensions);
    for (Slice slice : Slices.of(mesh, GatewayMesh::mistaken).values()) {
      OutboundPart part = Compiler.outbound(slice, kind);
      part.resources()
          .of(ResourceType.ROUTES)
          .forEach((name, table) -> routes.put(name, (RouteConfiguration) table));
      part.resources()
          .of(ResourceType.CLUSTER)
          .forEach((name, cluster) -> clusters.put(name, (Cluster) cluster));
      Listener listener =
          Compiler.outboundListener(kind, Telemetry.of(slice), Elsewhere.of(mesh), part.chains());
      listener.getFilterChainsList().forEach(this::take);
    }
  }

  private static void mistaken(ObjectName service, RuntimeException mistake) {
    Assertions.fail("of " + service, mistake);
  }

  private void take(FilterChain chain) {
    for (Filter filter : chain.getFiltersList()) {
      if (filter.getTypedConfig().is(HttpConnectionManager.class)) {
        try {
          HttpConnectionManager manager =
              filter.getTypedConfig().unpack(HttpConnectionManager.class);
          managers.put(manager.getRds().getRouteConfigName(), manager);
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /** What is wrong in {@code yaml} is left out, as it is in force. */
  public static GatewayMesh of(String yaml) {
    return of(
        yaml,
        Arrays.stream(Extension.values())
            .map(Extension::typeUrl)
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** The same, in the configuration that real Envoy gets. */
  public static GatewayMesh ofEnvoy(String yaml) {
    return of(yaml, Set.of());
  }

  private static GatewayMesh of(String yaml, Set<String> extensions) {
    List<Finding> found = new ArrayList<>();
    DocumentReader reader = new DocumentReader(found);
    List<Resource> resources = new ArrayList<>();
    for (YamlNode document : YamlReader.read("mesh.yaml", yaml).documents()) {
      resources.addAll(reader.read(document));
    }
    Linked linked = Linker.link(resources, Linked.NOTHING);
    found.addAll(linked.findings());
    return new GatewayMesh(linked, found, extensions);
  }

  /** A service with a port 8080 for each of {@code names}, of the namespace {@code shop}. */
  public static String services(String... names) {
    return Arrays.stream(names)
        .map(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: %s, namespace: shop}
            spec: {ports: [{name: http, port: 8080}]}
            ---
            """
                ::formatted)
        .collect(Collectors.joining());
  }

  /** The rules, as YAML, of an HTTPRoute of the service {@code parent}. */
  public static String route(String name, String parent, String rules) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: %s, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: %s}]
      rules: %s
    ---
    """
        .formatted(name, parent, rules);
  }

  /** What was found wrong. */
  public List<String> findings() {
    return findings;
  }

  /** Of calls to port 8080 of a service of {@code shop}. */
  public RouteConfiguration routes(String service) {
    return java.util.Objects.requireNonNull(routes.get(name(service)), service);
  }

  private static String name(String service) {
    return "outbound|8080|shop/" + service;
  }

  /**
   * A sidecar with a listener {@code in} of calls to {@code called}.
   *
   * @param apps the port of each service that has an app
   */
  public TestSidecar start(String called, Map<String, Integer> apps) {
    Map<String, List<Integer>> instances = new TreeMap<>();
    apps.forEach((service, port) -> instances.put(service, List.of(port)));
    return TestSidecar.start(bootstrap(called, instances), 1);
  }

  /**
   * The configuration of that sidecar.
   *
   * @param instances the ports of each service's; what leads out of the mesh leads there
   */
  public String bootstrap(String called, Map<String, List<Integer>> instances) {
    HttpConnectionManager manager =
        managers.get(name(called)).toBuilder().clearRds().setRouteConfig(routes(called)).build();
    FilterChain chain =
        FilterChain.newBuilder()
            .addFilters(Filter.newBuilder().setName("http").setTypedConfig(Any.pack(manager)))
            .build();
    StringBuilder yaml =
        new StringBuilder(
            """
            admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
            static_resources:
              listeners:
              - name: in
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                per_connection_buffer_limit_bytes: 65536
                filter_chains:
                -
            """);
    yaml.append(YamlWriter.write(ProtoWriter.write(chain)).indent(6));
    yaml.append("  clusters:\n");
    instances.forEach((service, ports) ->
        yaml.append("  - ")
            .append(
                YamlWriter.write(ProtoWriter.write(cluster(name(service), ports)))
                    .indent(4)
                    .substring(4)));
    return yaml.toString();
  }

  /** As it is compiled where it leads out of the mesh; of workloads the sidecar knows less here. */
  private Cluster cluster(String name, List<Integer> ports) {
    Cluster compiled = clusters.getOrDefault(name, Cluster.getDefaultInstance());
    Cluster.Builder cluster =
        compiled.getType() == Cluster.DiscoveryType.STRICT_DNS
            ? compiled.toBuilder()
            : Cluster.newBuilder().setConnectTimeout(Duration.newBuilder().setSeconds(1));
    LocalityLbEndpoints.Builder endpoints = LocalityLbEndpoints.newBuilder();
    for (int port : ports) {
      endpoints
          .addLbEndpointsBuilder()
          .getEndpointBuilder()
          .getAddressBuilder()
          .getSocketAddressBuilder()
          .setAddress("127.0.0.1")
          .setPortValue(port);
    }
    return cluster
        .setName(name)
        .setType(Cluster.DiscoveryType.STATIC)
        .setLoadAssignment(
            ClusterLoadAssignment.newBuilder().setClusterName(name).addEndpoints(endpoints))
        .build();
  }
}
