package dev.weir.sidecar.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.testkit.GatewayMesh;
import dev.weir.sidecar.testkit.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Which rule of which route a request is for, by the words of Gateway API's types. A file of {@code
 * gateway} has the sentences it holds us to, routes of the service {@code app}, and requests:
 * {@code METHOD PATH [NAME=VALUE...] -> ROUTE/RULE}, or {@code none}.
 */
class MatchTableTest {
  private static final Path CASES = Path.of("src/test/resources/gateway");

  @TestFactory
  List<DynamicContainer> cases() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(CASES)) {
      files = all.sorted().toList();
    }
    List<DynamicContainer> containers = new ArrayList<>();
    long count = 0;
    for (Path file : files) {
      List<DynamicTest> tests = tests(file);
      count += tests.size();
      containers.add(DynamicContainer.dynamicContainer(file.getFileName().toString(), tests));
    }
    assertTrue(count >= 150, count + " cases");
    return containers;
  }

  private static List<DynamicTest> tests(Path file) throws IOException {
    String text = Files.readString(file);
    int first = text.indexOf("\n---\n");
    Mapping head =
        (Mapping)
            YamlReader.read(file.toString(), text.substring(0, first + 1)).documents().getFirst();
    assertTrue(!((Scalar) head.get("words").orElseThrow()).text().isEmpty());
    GatewayMesh mesh = GatewayMesh.of(GatewayMesh.services("app", "b") + text.substring(first + 5));
    assertEquals(
        List.of(),
        mesh.findings().stream()
            .filter(finding -> !finding.contains("twice"))
            .filter(finding -> !finding.contains("no request reaches it")) // as some are to be
            .toList());
    RouteTable table =
        new RouteTable(
            Resources.routes(ProtoWriter.write(mesh.routes("app"))),
            List.of(),
            (index, config) -> config);
    List<DynamicTest> tests = new ArrayList<>();
    for (YamlNode request : ((Sequence) head.get("requests").orElseThrow()).items()) {
      String line = ((Scalar) request).text();
      tests.add(DynamicTest.dynamicTest(line, () -> check(table, line)));
    }
    return tests;
  }

  private static void check(RouteTable table, String line) {
    String[] sides = line.split(" -> ", -1);
    String[] words = sides[0].split(" ", -1);
    Headers request = Headers.request(words[0], "app:8080", words[1]);
    for (int i = 2; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      request.add(words[i].substring(0, equals), words[i].substring(equals + 1).replace('_', ' '));
    }
    RouteEntry entry = table.match(request);
    assertEquals(
        sides[1], entry == null ? "none" : entry.name().replaceFirst("^[A-Z]+Route/shop/", ""));
  }
}
