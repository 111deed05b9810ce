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
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.ArrayList;
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
          Map.ofEntries(
              Map.entry("v1 Service", new ServiceReader()),
              Map.entry("v1 Endpoints", new EndpointsReader()),
              Map.entry("v1 ConfigMap", new ConfigMapReader()),
              Map.entry("discovery.k8s.io/v1 EndpointSlice", new EndpointSliceReader()),
              Map.entry("gateway.networking.k8s.io/v1 HTTPRoute", new HttpRouteReader()),
              Map.entry("gateway.networking.k8s.io/v1 GRPCRoute", new GrpcRouteReader()),
              Map.entry("gateway.networking.k8s.io/v1 TCPRoute", new TcpRouteReader()),
              Map.entry("gateway.networking.k8s.io/v1 TLSRoute", new TlsRouteReader()),
              Map.entry("gateway.networking.k8s.io/v1 ReferenceGrant", new ReferenceGrantReader()),
              Map.entry(
                  "gateway.networking.k8s.io/v1beta1 ReferenceGrant", new ReferenceGrantReader()),
              Map.entry("gateway.networking.k8s.io/v1 BackendTLSPolicy", new BackendTlsReader()),
              Map.entry(
                  "gateway.networking.k8s.io/v1alpha3 BackendTLSPolicy", new BackendTlsReader()),
              Map.entry("weir.dev/v1alpha1 MeshConfig", new MeshConfigReader()),
              Map.entry("weir.dev/v1alpha1 ResiliencePolicy", PolicyReader.RESILIENCE),
              Map.entry("weir.dev/v1alpha1 RateLimitPolicy", PolicyReader.RATE_LIMIT),
              Map.entry("weir.dev/v1alpha1 TelemetryPolicy", PolicyReader.TELEMETRY),
              Map.entry("weir.dev/v1alpha1 AuthenticationPolicy", PolicyReader.AUTHENTICATION),
              Map.entry("weir.dev/v1alpha1 AuthorizationPolicy", PolicyReader.AUTHORIZATION)));

  private static final String GATEWAY_API = "gateway.networking.k8s.io/";

  /** Kinds of Gateway API that a mesh knows and has no use for, and whose they are. */
  private static final Map<String, String> KNOWN =
      Map.of(
          "GatewayClass", "it is a gateway's",
          "Gateway", "it is a gateway's",
          "ListenerSet", "it is a gateway's",
          "UDPRoute", "UDP goes past the mesh");

  /** Groups whose every kind is meant for a mesh. */
  private static final List<String> OURS = List.of("weir.dev/", GATEWAY_API);

  private static final String LIST = "v1 List";
  private static final List<String> LIST_FIELDS =
      List.of("apiVersion", "kind", "metadata", "items");

  private final List<Finding> found;
  private final SchemaReader.Unknown unknown;

  /** {@code found} takes what is wrong. */
  public DocumentReader(List<Finding> found) {
    this(found, SchemaReader.Unknown.REFUSED);
  }

  /**
   * @param found takes what is wrong
   * @param unknown what becomes of fields that are not known
   */
  public DocumentReader(List<Finding> found, SchemaReader.Unknown unknown) {
    this.found = found;
    this.unknown = unknown;
  }

  /**
   * The resource in the document, or those of a {@code List}. Without those in which something was
   * wrong, and those of no concern to a mesh.
   */
  public List<Resource> read(YamlNode document) {
    List<Resource> resources = new ArrayList<>();
    read(document, FieldPath.ROOT, resources);
    return resources;
  }

  private void read(YamlNode node, FieldPath path, List<Resource> resources) {
    Findings findings = new Findings("", found);
    if (!(node instanceof Mapping document)) {
      findings.error(node.at(), path, "expected a resource, not " + node.describe());
      return;
    }
    String apiVersion = word(document, "apiVersion", path, findings);
    String kind = word(document, "kind", path, findings);
    if (apiVersion == null || kind == null) {
      return;
    }
    String written = apiVersion + " " + kind;
    BodyReader<?> reader = KINDS.get(written);
    if (written.equals(LIST)) {
      items(document, path, resources);
    } else if (PodPorts.has(written, document)) {
      metadata(document, kind, path)
          .map(head -> PodPorts.read(manifest(document, kind, head, path)))
          .ifPresent(resources::add);
    } else if (reader == null) {
      refuseKind(document, apiVersion, kind, path, findings);
    } else {
      metadata(document, kind, path)
          .flatMap(head -> body(reader, document, kind, head, path))
          .ifPresent(resources::add);
    }
  }

  /** What {@code kubectl get -o yaml} writes. */
  private void items(Mapping list, FieldPath path, List<Resource> resources) {
    Findings findings = new Findings("List", found);
    for (YamlNode.Entry entry : list.entries()) {
      if (!LIST_FIELDS.contains(entry.key())) {
        findings.error(
            entry.at(),
            path.field(entry.key()),
            "unknown field; known here: " + String.join(", ", LIST_FIELDS));
      }
    }
    FieldPath field = path.field("items");
    YamlNode node = list.get("items").orElse(null);
    if (node instanceof Sequence items) {
      for (int index = 0; index < items.items().size(); index++) {
        read(items.items().get(index), field.index(index), resources);
      }
    } else if (node == null) {
      findings.error(list.at(), field, "missing; it is required");
    } else {
      findings.error(node.at(), field, "expected a list, not " + node.describe());
    }
  }

  private Optional<Metadata> metadata(Mapping document, String kind, FieldPath path) {
    Findings findings = new Findings(kind, found);
    FieldPath field = path.field("metadata");
    YamlNode node = document.get("metadata").orElse(null);
    if (node == null) {
      findings.error(document.at(), field, "missing; it is required");
      return Optional.empty();
    }
    return Optional.ofNullable(
        new SchemaReader(findings, unknown).read(Metadata.class, node, field));
  }

  private <B extends Record> Optional<Resource> body(
      BodyReader<B> reader, Mapping document, String kind, Metadata metadata, FieldPath path) {
    Manifest manifest = manifest(document, kind, metadata, path);
    Findings findings = new Findings(manifest.resource(), found);
    B body = new SchemaReader(findings, unknown).read(reader.type(), document, path);
    if (body == null) {
      return Optional.empty();
    }
    int before = findings.errors();
    Resource resource = reader.translate(manifest, body, findings);
    return findings.errors() == before ? Optional.of(resource) : Optional.empty();
  }

  private static Manifest manifest(
      Mapping document, String kind, Metadata metadata, FieldPath path) {
    return new Manifest(
        kind,
        new ObjectName(metadata.namespace(), metadata.name()),
        metadata.labels(),
        metadata.annotations(),
        metadata.created(),
        document,
        path);
  }

  private static @Nullable String word(
      Mapping document, String field, FieldPath path, Findings findings) {
    YamlNode node = document.get(field).orElse(null);
    if (node instanceof Scalar scalar && !scalar.text().isEmpty()) {
      return scalar.text();
    }
    Location at = node == null ? document.at() : node.at();
    findings.error(
        at,
        path.field(field),
        node == null ? "missing; it is required" : "expected a text, not " + node.describe());
    return null;
  }

  private static void refuseKind(
      Mapping document, String apiVersion, String kind, FieldPath root, Findings findings) {
    Location at = document.get("kind").map(YamlNode::at).orElse(document.at());
    FieldPath path = root.field("kind");
    String written = apiVersion + " " + kind;
    Optional<String> counterpart = OtherMeshes.counterpart(apiVersion, kind);
    if (counterpart.isPresent()) {
      findings.warning(
          at,
          path,
          written + " is another mesh's and is not read; here it is " + counterpart.get());
      return;
    }
    if (KNOWN.containsKey(kind) && apiVersion.startsWith(GATEWAY_API)) {
      findings.warning(at, path, written + " is known, and is not read: " + KNOWN.get(kind));
      return;
    }
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
