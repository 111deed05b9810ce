package dev.weir.control.compile.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.weir.control.Meshes;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Names;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.honoured.FieldValidator;
import dev.weir.protos.honoured.HonouredFields;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.protos.yaml.YamlWriter;
import dev.weir.testkit.EnvoyBinary;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Those who get the resources take them: Weir's sidecar honours every field, Envoy accepts all. */
@Tag("slow")
class PeersTest {
  @TempDir Path folder;

  static Stream<Path> cases() throws IOException {
    return CompilerGoldenTest.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sidecarHonoursEveryFieldItGets(Path in) throws IOException {
    FieldValidator validator = new FieldValidator(HonouredFields.load());
    Mesh mesh = mesh(in);
    for (ObjectName service : mesh.model().services().keySet()) {
      XdsResources resources = WholeConfiguration.of(mesh, Meshes.weirSidecar(service));
      for (ResourceType type : ResourceType.values()) {
        resources
            .of(type)
            .forEach((name, message) -> assertEquals(List.of(), validator.validate(message), name));
      }
    }
  }

  @Tag("envoy")
  @ParameterizedTest
  @MethodSource("cases")
  void envoyAcceptsWhatIsMadeForIt(Path in) throws Exception {
    Mesh mesh = mesh(in);
    Service service = mesh.model().services().values().iterator().next();
    XdsResources resources = WholeConfiguration.of(mesh, Meshes.envoy(service.name()));
    Path bootstrap = Files.writeString(folder.resolve("envoy.yaml"), bootstrap(resources));
    Process envoy =
        new ProcessBuilder(
                EnvoyBinary.find().toString(), "--mode", "validate", "-c", bootstrap.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(envoy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(envoy.waitFor() == 0, said);
  }

  private static Mesh mesh(Path in) throws IOException {
    List<YamlNode> documents = YamlReader.read(in.toString(), Files.readString(in)).documents();
    return Meshes.of(documents.subList(1, documents.size()));
  }

  /** Static, with the routes in the listeners, so that Envoy looks at everything. */
  private static String bootstrap(XdsResources resources) throws IOException {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    bootstrap.getNodeBuilder().setId("envoy").setCluster("shop");
    bootstrap
        .getDynamicResourcesBuilder()
        .getAdsConfigBuilder()
        .setApiType(ApiConfigSource.ApiType.GRPC)
        .addGrpcServicesBuilder()
        .getEnvoyGrpcBuilder()
        .setClusterName(Names.PASSTHROUGH + "-ads");
    bootstrap
        .getStaticResourcesBuilder()
        .addClusters(
            Cluster.newBuilder()
                .setName(Names.PASSTHROUGH + "-ads")
                .setConnectTimeout(Protos.duration(Duration.ofSeconds(1)))
                .setLoadAssignment(
                    EndpointCompiler.assignment(Names.PASSTHROUGH + "-ads", List.of())));
    for (Message cluster : resources.of(ResourceType.CLUSTER).values()) {
      bootstrap.getStaticResourcesBuilder().addClusters((Cluster) cluster);
    }
    Map<String, Message> routes = resources.of(ResourceType.ROUTES);
    for (Message listener : resources.of(ResourceType.LISTENER).values()) {
      Listener.Builder builder = ((Listener) listener).toBuilder();
      builder.getFilterChainsBuilderList().forEach(chain -> inline(chain, routes));
      bootstrap.getStaticResourcesBuilder().addListeners(builder);
    }
    return YamlWriter.write(ProtoWriter.write(bootstrap.build()));
  }

  private static void inline(FilterChain.Builder chain, Map<String, Message> routes) {
    for (Filter.Builder filter : chain.getFiltersBuilderList()) {
      Any config = filter.getTypedConfig();
      if (config.is(HttpConnectionManager.class)) {
        HttpConnectionManager.Builder manager = manager(config);
        RouteConfiguration table =
            (RouteConfiguration) routes.get(manager.getRds().getRouteConfigName());
        filter.setTypedConfig(Protos.any(manager.setRouteConfig(table).build()));
      }
    }
  }

  private static HttpConnectionManager.Builder manager(Any config) {
    try {
      return config.unpack(HttpConnectionManager.class).toBuilder();
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
  }
}
