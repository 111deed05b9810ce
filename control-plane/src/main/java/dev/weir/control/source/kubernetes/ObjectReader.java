package dev.weir.control.source.kubernetes;

import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.SchemaReader.Unknown;
import dev.weir.control.source.resource.DocumentReader;
import dev.weir.control.source.resource.Resource;
import dev.weir.protos.Location;
import dev.weir.protos.yaml.Json;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads objects by what reads the same in files. Any thread. */
final class ObjectReader {
  /** Says again what the object says. */
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  /** What the API server writes where nobody says another. */
  private static final String GATEWAY = "gateway.networking.k8s.io";

  private final Clock clock;

  /**
   * @param clock tells when a version was read
   */
  ObjectReader(Clock clock) {
    this.clock = clock;
  }

  /** The name that an object has among all that is written. */
  static String name(ConfigKind kind, ObjectMeta metadata) {
    return kind.kind() + " " + metadata.getNamespace() + "/" + metadata.getName();
  }

  /**
   * What tells one version from another: of kinds that have a status, which we write ourselves, the
   * generation, which counts what people write.
   */
  static String version(ConfigKind kind, ObjectMeta metadata) {
    return kind.isCore()
        ? metadata.getResourceVersion()
        : metadata.getUid() + "/" + metadata.getGeneration();
  }

  /** What is wrong with it is among its findings. */
  ObjectVersion read(ConfigKind kind, GenericKubernetesResource object) {
    ObjectMeta metadata = object.getMetadata();
    String name = name(kind, metadata);
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("apiVersion", kind.apiVersion());
    document.put("kind", kind.kind());
    document.put("metadata", metadata(metadata));
    document.putAll(object.getAdditionalProperties());
    document.remove("status");
    List<Finding> findings = new ArrayList<>();
    List<Resource> resources =
        kind.kind().equals("Service") && hasNoPorts(document)
                || kind.isRoute() && isOfGateways(document)
            ? List.of()
            : new DocumentReader(findings, kind.isCore() ? Unknown.PASSED_OVER : Unknown.REFUSED)
                .read(Json.node(document, Location.of(name)));
    if (kind.isCore()) {
      findings.removeIf(finding -> !finding.isError()); // about what a cluster does by itself
    }
    return new ObjectVersion(name, version(kind, metadata), clock.instant(), resources, findings);
  }

  private static Map<String, Object> metadata(ObjectMeta metadata) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", metadata.getName());
    map.put("namespace", metadata.getNamespace());
    if (metadata.getLabels() != null) {
      map.put("labels", metadata.getLabels());
    }
    if (metadata.getAnnotations() != null) {
      Map<String, String> annotations = new LinkedHashMap<>(metadata.getAnnotations());
      annotations.remove(LAST_APPLIED);
      map.put("annotations", annotations);
    }
    if (metadata.getCreationTimestamp() != null) {
      map.put("creationTimestamp", metadata.getCreationTimestamp());
    }
    return map;
  }

  /** One that is bound to nothing but gateways is theirs. */
  private static boolean isOfGateways(Map<String, Object> document) {
    return document.get("spec") instanceof Map<?, ?> spec
        && spec.get("parentRefs") instanceof Collection<?> parents
        && !parents.isEmpty()
        && parents.stream()
            .allMatch(one ->
                one instanceof Map<?, ?> parent
                    && GATEWAY.equals(parent.get("group"))
                    && !"Service".equals(parent.get("kind")));
  }

  /** A Service without any has nothing that a sidecar could take over. */
  private static boolean hasNoPorts(Map<String, Object> document) {
    return !(document.get("spec") instanceof Map<?, ?> spec
        && spec.get("ports") instanceof Collection<?> ports
        && !ports.isEmpty());
  }
}
