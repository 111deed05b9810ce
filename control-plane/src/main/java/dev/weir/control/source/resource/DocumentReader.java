package dev.weir.control.source.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.reader.SchemaReader;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.Nearest;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a document of any kind. */
public final class DocumentReader {
  private static final Map<String, BodyReader<?>> KINDS =
      new TreeMap<>(
          Map.of(
              "v1 Service", new ServiceReader(),
              "v1 Endpoints", new EndpointsReader(),
              "discovery.k8s.io/v1 EndpointSlice", new EndpointSliceReader(),
              "gateway.networking.k8s.io/v1 HTTPRoute", new HttpRouteReader(),
              "gateway.networking.k8s.io/v1 GRPCRoute", new GrpcRouteReader(),
              "weir.dev/v1alpha1 ResiliencePolicy", PolicyReader.RESILIENCE,
              "weir.dev/v1alpha1 RateLimitPolicy", PolicyReader.RATE_LIMIT,
              "weir.dev/v1alpha1 TelemetryPolicy", PolicyReader.TELEMETRY));

  /** Groups whose every kind is meant for a mesh. */
  private static final List<String> OURS = List.of("weir.dev/", "gateway.networking.k8s.io/");

  private final List<Finding> found;

  /** {@code found} takes what is wrong. */
  public DocumentReader(List<Finding> found) {
    this.found = found;
  }

  /** Empty when something was wrong, or when the document is of no concern to a mesh. */
  public Optional<Resource> read(YamlNode document) {
    Findings findings = new Findings("", found);
    if (!(document instanceof Mapping mapping)) {
      findings.error(
          document.at(), FieldPath.ROOT, "expected a resource, not " + document.describe());
      return Optional.empty();
    }
    String apiVersion = word(mapping, "apiVersion", findings);
    String kind = word(mapping, "kind", findings);
    if (apiVersion == null || kind == null) {
      return Optional.empty();
    }
    BodyReader<?> reader = KINDS.get(apiVersion + " " + kind);
    if (reader == null) {
      refuseKind(mapping, apiVersion, kind, findings);
      return Optional.empty();
    }
    Optional<Metadata> metadata = metadata(mapping, kind);
    return metadata.flatMap(head -> body(reader, mapping, kind, head));
  }

  private Optional<Metadata> metadata(Mapping document, String kind) {
    Findings findings = new Findings(kind, found);
    YamlNode node = document.get("metadata").orElse(null);
    if (node == null) {
      findings.error(document.at(), FieldPath.ROOT.field("metadata"), "missing; it is required");
      return Optional.empty();
    }
    return Optional.ofNullable(
        new SchemaReader(findings).read(Metadata.class, node, FieldPath.ROOT.field("metadata")));
  }

  private <B extends Record> Optional<Resource> body(
      BodyReader<B> reader, Mapping document, String kind, Metadata metadata) {
    Manifest manifest =
        new Manifest(
            kind,
            new ObjectName(metadata.namespace(), metadata.name()),
            metadata.labels(),
            document);
    Findings findings = new Findings(manifest.resource(), found);
    B body = new SchemaReader(findings).read(reader.type(), document, FieldPath.ROOT);
    if (body == null) {
      return Optional.empty();
    }
    int before = findings.errors();
    Resource resource = reader.translate(manifest, body, findings);
    return findings.errors() == before ? Optional.of(resource) : Optional.empty();
  }

  private static @Nullable String word(Mapping document, String field, Findings findings) {
    YamlNode node = document.get(field).orElse(null);
    if (node instanceof Scalar scalar && !scalar.text().isEmpty()) {
      return scalar.text();
    }
    Location at = node == null ? document.at() : node.at();
    findings.error(
        at,
        FieldPath.ROOT.field(field),
        node == null ? "missing; it is required" : "expected a text, not " + node.describe());
    return null;
  }

  private static void refuseKind(
      Mapping document, String apiVersion, String kind, Findings findings) {
    Location at = document.get("kind").map(YamlNode::at).orElse(document.at());
    FieldPath path = FieldPath.ROOT.field("kind");
    String written = apiVersion + " " + kind;
    Optional<String> sameKind =
        KINDS.keySet().stream()
            .filter(known -> known.endsWith(" " + kind))
            .min(Comparator.naturalOrder());
    if (sameKind.isPresent()) {
      findings.error(at, path, written + " is not read; write " + sameKind.get());
    } else if (OURS.stream().anyMatch(apiVersion::startsWith)
        || Nearest.to(written, KINDS.keySet()).isPresent()) {
      findings.error(
          at,
          path,
          written
              + " is not a kind that is read"
              + Nearest.to(written, KINDS.keySet())
                  .map("; did you mean \"%s\"?"::formatted)
                  .orElse("; these are: " + String.join(", ", KINDS.keySet())));
    } else if (!written.equals("v1 Namespace")) {
      findings.warning(at, path, written + " says nothing to a mesh and is not read");
    }
  }
}
