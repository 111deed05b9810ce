package dev.weir.control.compile.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Message;
import dev.weir.control.Golden;
import dev.weir.control.Meshes;
import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Proxy;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.Location;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.Json;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.protos.yaml.YamlWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What policies become. The first document of {@code compile/<case>.in.yaml} names the proxy and
 * the resources to show, the others are the mesh; {@code <case>.out.yaml} holds them.
 */
class CompilerGoldenTest {
  private static final Path CASES = Path.of("src/test/resources/compile");

  static Stream<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files.filter(file -> file.toString().endsWith(".in.yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void compilesToItsGoldenFile(Path in) throws IOException {
    YamlFile file = YamlReader.read(in.toString(), Files.readString(in));
    assertEquals(List.of(), file.problems());
    Mapping wanted = (Mapping) file.documents().getFirst();
    Mesh mesh = Meshes.of(file.documents().subList(1, file.documents().size()));
    XdsResources resources = WholeConfiguration.of(mesh, proxy(wanted));
    List<Entry> shown = new ArrayList<>();
    for (YamlNode show : ((Sequence) wanted.get("show").orElseThrow()).items()) {
      String name = ((Scalar) show).text();
      shown.add(new Entry(Location.of(""), name, ProtoWriter.write(find(resources, name))));
    }
    if (!resources.diagnostics().isEmpty()) {
      List<String> diagnostics =
          resources.diagnostics().stream().map(Diagnostic::toString).toList();
      shown.add(new Entry(Location.of(""), "diagnostics", Json.node(diagnostics)));
    }
    Golden.assertCurrent(
        in.resolveSibling(in.getFileName().toString().replace(".in.yaml", ".out.yaml")),
        YamlWriter.write(new Mapping(Location.of(""), shown)));
  }

  private static Proxy proxy(Mapping wanted) {
    String[] name = text(wanted, "service").split("/");
    ObjectName service = new ObjectName(name[0], name[1]);
    return switch (text(wanted, "proxy")) {
      case "weir" -> Meshes.weirSidecar(service);
      case "identified" -> Meshes.identified(service);
      default -> Meshes.envoy(service);
    };
  }

  /** {@code cluster/outbound|8080|shop/inventory}. */
  private static Message find(XdsResources resources, String name) {
    int slash = name.indexOf('/');
    ResourceType type = ResourceType.valueOf(name.substring(0, slash).toUpperCase(Locale.ROOT));
    Message message = resources.of(type).get(name.substring(slash + 1));
    if (message == null) {
      throw new AssertionError(name + " is none of " + resources.of(type).keySet());
    }
    return message;
  }

  private static String text(Mapping mapping, String key) {
    return ((Scalar) mapping.get(key).orElseThrow()).text();
  }
}
