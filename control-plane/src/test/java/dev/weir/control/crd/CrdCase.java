package dev.weir.control.crd;

import dev.weir.control.link.Sources;
import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.reader.Finding;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One of {@code crd/cases.yaml}: a resource, and who takes it.
 *
 * @param server whether an API server does, for a client that validates strictly
 * @param check whether {@code weir check} does
 */
record CrdCase(PolicyKind kind, String name, String document, boolean server, boolean check) {
  private static final Path TABLE = Path.of("src/test/resources/crd/cases.yaml");
  private static final Pattern REPEATED = Pattern.compile("<<(.*?)\\*(\\d+)>>");
  private static final Pattern NAMESPACE = Pattern.compile("\"?namespace\"?: \"?([-a-z]+)");

  /** What cases refer to. */
  private static final String MESH =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: a, namespace: shop}
      spec: {ports: [{name: http, port: 8080}%s]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: opa, namespace: auth}
      spec: {ports: [{name: grpc, port: 9000}, {name: http, port: 8080}]}
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: issuer.keys, namespace: shop}
      data: {jwks.json: '{"keys": [{"kty": "oct", "k": "c2VjcmV0LW9mLTMyLWJ5dGVzLWZvci10ZXN0cy0tLS0"}]}'}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: r, namespace: shop}
      spec:
        parentRefs: [{group: "", kind: Service, name: a}]
        rules: [{name: main, backendRefs: [{name: a, port: 8080}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: GRPCRoute
      metadata: {name: g, namespace: shop}
      spec:
        parentRefs: [{group: "", kind: Service, name: a}]
        rules: [{backendRefs: [{name: a, port: 8080}]}]
      """
          .formatted(
              IntStream.rangeClosed(1, 17)
                  .mapToObj(i -> ", {name: p%d, port: %d, appProtocol: http}".formatted(i, i))
                  .collect(Collectors.joining()));

  static Stream<CrdCase> all() throws IOException {
    YamlFile file = YamlReader.read(TABLE.toString(), Files.readString(TABLE));
    if (!file.problems().isEmpty()) {
      throw new AssertionError(file.problems().toString());
    }
    Mapping kinds = (Mapping) file.documents().getFirst();
    return PolicyKind.ALL.stream()
        .flatMap(kind ->
            ((Mapping) kinds.get(kind.kind()).orElseThrow())
                .entries().stream().flatMap(section -> of(kind, section)));
  }

  private static Stream<CrdCase> of(PolicyKind kind, YamlNode.Entry section) {
    String who = section.key();
    if (!List.of("taken", "refused", "takenByTheServer", "takenByCheck").contains(who)) {
      throw new AssertionError(who);
    }
    boolean server = who.equals("taken") || who.equals("takenByTheServer");
    boolean check = who.equals("taken") || who.equals("takenByCheck");
    return ((Mapping) section.value())
        .entries().stream()
            .map(one ->
                new CrdCase(
                    kind, one.key(), document(kind, ((Scalar) one.value()).text()), server, check));
  }

  private static String document(PolicyKind kind, String written) {
    String text = REPEATED.matcher(written).replaceAll(CrdCase::repeated);
    if (Stream.of("apiVersion: ", "kind: ", "{\"").anyMatch(text::startsWith)) {
      return text;
    }
    boolean without = kind.policy() && !text.contains("targetRef") && !text.startsWith("- ");
    String spec =
        without
            ? "targetRefs: [{group: '', kind: Service, name: a}]\n"
                + (text.equals("{}") ? "" : text)
            : text;
    return """
    apiVersion: weir.dev/v1alpha1
    kind: %s
    metadata: {name: %s, namespace: %s}
    spec:
    %s
    """
        .formatted(
            kind.kind(),
            kind.policy() ? "a" : "default",
            kind.policy() ? "shop" : "weir-system",
            spec.indent(2));
  }

  /** {@code #} is the number of the time. */
  private static String repeated(MatchResult match) {
    return IntStream.rangeClosed(1, Integer.parseInt(match.group(2)))
        .mapToObj(number -> match.group(1).replace("#", Integer.toString(number)))
        .map(Matcher::quoteReplacement)
        .collect(Collectors.joining());
  }

  /** Where it is to be. */
  String namespace() {
    Matcher namespace = NAMESPACE.matcher(document);
    return namespace.find() ? namespace.group(1) : "shop";
  }

  /**
   * The errors that {@code weir check} has.
   *
   * @param folder an empty one
   */
  List<String> errors(Path folder) throws IOException {
    Files.writeString(folder.resolve("mesh.yaml"), MESH);
    Files.writeString(folder.resolve("case.yaml"), document);
    return new Sources(List.of(new FolderSource(folder, Clock.systemUTC())), ZoneOffset.UTC)
        .scan().findings().stream().filter(Finding::isError).map(Finding::toString).toList();
  }

  @Override
  public String toString() {
    return kind + ": " + name;
  }
}
