package dev.weir.control.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.weir.control.Golden;
import dev.weir.protos.yaml.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The CRDs and the reference page follow the model, and the examples follow both. */
class CrdTest {
  private static final Path CHART = Golden.REPOSITORY.resolve("charts/weir-crds");
  private static final String MARK = "<!-- The rest is generated from the model. -->\n";

  @ParameterizedTest
  @FieldSource("dev.weir.control.crd.PolicyKind#ALL")
  void crdInTheChartIsCurrent(PolicyKind kind) throws IOException {
    Golden.assertCurrent(CHART.resolve("templates/" + kind.crdName() + ".yaml"), Crd.yaml(kind));
  }

  @Test
  void referencePageIsCurrent() throws IOException {
    Path page = Golden.REPOSITORY.resolve("docs/policies.md");
    String written = Files.readString(page);
    String head = written.substring(0, written.indexOf(MARK) + MARK.length());
    Golden.assertCurrent(page, head + "\n" + ReferencePage.tables());
  }

  static Stream<Path> examples() throws IOException {
    try (Stream<Path> files = Files.walk(Golden.REPOSITORY.resolve("examples"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  /** Kubernetes' tools read YAML 1.1; nothing an example says may mean something else there. */
  @ParameterizedTest
  @MethodSource("examples")
  void exampleReadAsYaml11FollowsItsSchema(Path example) throws IOException {
    for (Object document : yaml11(Files.readString(example))) {
      kindOf(document)
          .ifPresent(kind -> assertEquals(List.of(), errors(kind, document), "in " + example));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "retry: {attempts: 11}",
        "retry: {budget: {share: '120%'}}",
        "timeouts: {request: 2 seconds}",
        "mode: shadow",
        "circuitBreaker: {}",
        "targetRefs: []",
      })
  void schemaRefusesWhatTheReaderRefuses(String section) {
    String spec = "targetRefs: [{group: '', kind: Service, name: a}]\n";
    if (section.startsWith("targetRefs")) {
      spec = "";
    }
    Object document = yaml11("spec:\n  " + (spec + section).replace("\n", "\n  ")).getFirst();
    assertFalse(errors(PolicyKind.RESILIENCE, document).isEmpty(), section);
  }

  private static List<Object> yaml11(String text) {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    List<Object> documents = new ArrayList<>();
    yaml.loadAll(text).forEach(documents::add);
    return documents;
  }

  private static Optional<PolicyKind> kindOf(Object document) {
    Object kind = ((Map<?, ?>) document).get("kind");
    return PolicyKind.ALL.stream().filter(known -> known.kind().equals(kind)).findFirst();
  }

  private static List<String> errors(PolicyKind kind, Object document) {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Json.print(Crd.schema(kind)), InputFormat.JSON);
    return schema.validate(Json.print(document), InputFormat.JSON).stream()
        .map(Error::toString)
        .toList();
  }
}
