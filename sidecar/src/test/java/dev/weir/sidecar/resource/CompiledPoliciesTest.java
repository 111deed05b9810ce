package dev.weir.sidecar.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.Message;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.Parsed;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What the control plane's golden files say it makes for a sidecar, this sidecar takes, with every
 * field honoured.
 */
class CompiledPoliciesTest {
  private static final Path GOLDEN = Path.of("../control-plane/src/test/resources/compile");

  @TestFactory
  Stream<DynamicTest> everyResourceOfTheControlPlaneIsHonoured() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(GOLDEN)) {
      files = all.filter(CompiledPoliciesTest::ofWeir).sorted().toList();
    }
    assertFalse(files.isEmpty(), GOLDEN + " holds no golden files");
    return files.stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  /** Some cases are of a client that is real Envoy; a case's first line says so. */
  private static boolean ofWeir(Path file) {
    String name = file.getFileName().toString();
    if (!name.endsWith(".out.yaml")) {
      return false;
    }
    try {
      Path in = file.resolveSibling(name.replace(".out.yaml", ".in.yaml"));
      return Files.readString(in).startsWith("{proxy: weir");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void check(Path file) {
    YamlFile yaml;
    try {
      yaml = YamlReader.read(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertEquals(List.of(), yaml.problems());
    YamlNode.Mapping resources = (YamlNode.Mapping) yaml.documents().getFirst();
    ResourceParser parser = new ResourceParser(FieldPolicy.REJECT, (resource, fields) -> {});
    for (YamlNode.Entry entry : resources.entries()) {
      String type = entry.key().substring(0, Math.max(0, entry.key().indexOf('/')));
      Parsed<?> parsed =
          switch (type) {
            case "cluster" -> parser.cluster(read(entry.value(), Cluster.getDefaultInstance()));
            case "endpoints" ->
                parser.endpoints(read(entry.value(), ClusterLoadAssignment.getDefaultInstance()));
            case "listener" -> parser.listener(read(entry.value(), Listener.getDefaultInstance()));
            case "routes" ->
                parser.routeConfiguration(
                    read(entry.value(), RouteConfiguration.getDefaultInstance()));
            default -> null; // what the compiler reports beside the resources
          };
      if (parsed instanceof Parsed.Rejected<?>(String field, String reason)) {
        throw new AssertionError(entry.key() + ": " + field + ": " + reason);
      }
    }
  }

  private static <M extends Message> M read(YamlNode node, M type) {
    Converted<M> converted = ProtoReader.read(node, type);
    assertEquals(List.of(), converted.problems());
    return converted.message();
  }
}
