package dev.weir.sidecar.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.Message;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.Parsed;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file of {@code src/test/resources/{listener,route,cluster,endpoints,secret}} is a resource
 * ({@code config}) and what becomes of it: {@code rejected}, the field and the reason, or {@code
 * accepted}, texts that the record's string holds.
 */
final class ResourceTableTest {
  private static final Path RESOURCES = Path.of("src/test/resources");

  private final ResourceParser parser =
      new ResourceParser(
          FieldPolicy.WARN, (resource, fields) -> fail(resource + " sets " + fields));

  static Stream<Path> listener() throws IOException {
    return cases("listener");
  }

  @ParameterizedTest
  @MethodSource
  void listener(Path file) throws IOException {
    check(file, Listener.getDefaultInstance(), parser::listener);
  }

  static Stream<Path> route() throws IOException {
    return cases("route");
  }

  @ParameterizedTest
  @MethodSource
  void route(Path file) throws IOException {
    check(file, RouteConfiguration.getDefaultInstance(), parser::routeConfiguration);
  }

  static Stream<Path> cluster() throws IOException {
    return cases("cluster");
  }

  @ParameterizedTest
  @MethodSource
  void cluster(Path file) throws IOException {
    check(file, Cluster.getDefaultInstance(), parser::cluster);
  }

  static Stream<Path> endpoints() throws IOException {
    return cases("endpoints");
  }

  @ParameterizedTest
  @MethodSource
  void endpoints(Path file) throws IOException {
    check(file, ClusterLoadAssignment.getDefaultInstance(), parser::endpoints);
  }

  static Stream<Path> secret() throws IOException {
    return cases("secret");
  }

  @ParameterizedTest
  @MethodSource
  void secret(Path file) throws IOException {
    check(file, Secret.getDefaultInstance(), parser::secret);
  }

  private static Stream<Path> cases(String subject) throws IOException {
    try (Stream<Path> files = Files.list(RESOURCES.resolve(subject))) {
      List<Path> sorted = files.sorted().toList();
      assertFalse(sorted.isEmpty());
      return sorted.stream();
    }
  }

  private static <P extends Message> void check(
      Path file, P prototype, Function<P, ? extends Parsed<?>> parse) throws IOException {
    YamlFile yaml = YamlReader.read(file.toString(), Files.readString(file));
    assertEquals(List.of(), yaml.problems());
    Mapping root = (Mapping) yaml.documents().getFirst();
    Converted<P> config = ProtoReader.read(root.get("config").orElseThrow(), prototype);
    assertEquals(List.of(), config.problems());
    switch (parse.apply(config.message())) {
      case Parsed.Rejected<?>(String field, String reason) ->
          assertEquals(
              root.get("rejected").map(ResourceTableTest::text).orElse("accepted"),
              field + ": " + reason);
      case Parsed.Accepted<?>(Object value) -> {
        assertTrue(root.get("accepted").isPresent(), "accepted: " + value);
        for (YamlNode expected : ((YamlNode.Sequence) root.get("accepted").orElseThrow()).items()) {
          assertTrue(
              value.toString().contains(text(expected)), () -> text(expected) + " in " + value);
        }
      }
    }
  }

  private static String text(YamlNode node) {
    return ((YamlNode.Scalar) node).text();
  }
}
