package dev.weir.control.crd;

import dev.weir.protos.yaml.Json;
import dev.weir.protos.yaml.YamlWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code CustomResourceDefinition} of a kind. */
final class Crd {
  private Crd() {}

  static String yaml(PolicyKind kind) {
    return "# Generated from the model; a test keeps it current.\n"
        + YamlWriter.write(Json.node(of(kind)));
  }

  /** The schema of the whole resource. */
  static Map<String, Object> schema(PolicyKind kind) {
    Map<String, Object> spec =
        map(
            "description",
            kind.policy()
                ? "What it is for, in `targetRefs`, and what it says of that."
                : "What holds for the mesh.");
    spec.putAll(CrdSchema.of(kind.spec()));
    return map(
        "description",
        kind.doc(),
        "type",
        "object",
        "required",
        List.of("spec"),
        "properties",
        map(
            "apiVersion",
            map("type", "string"), // these three the server describes itself
            "kind",
            map("type", "string"),
            "metadata",
            map("type", "object"),
            "spec",
            spec,
            "status",
            StatusSchema.of(kind)));
  }

  private static Map<String, Object> of(PolicyKind kind) {
    return map(
        "apiVersion",
        "apiextensions.k8s.io/v1",
        "kind",
        "CustomResourceDefinition",
        "metadata",
        metadata(kind),
        "spec",
        map(
            "group",
            "weir.dev",
            "scope",
            "Namespaced",
            "names",
            map(
                "kind",
                kind.kind(),
                "listKind",
                kind.kind() + "List",
                "plural",
                kind.plural(),
                "singular",
                kind.singular(),
                "shortNames",
                List.of(kind.shortName()),
                "categories",
                List.of("weir")),
            "versions",
            List.of(
                map(
                    "name",
                    "v1alpha1",
                    "served",
                    true,
                    "storage",
                    true,
                    "additionalPrinterColumns",
                    kind.columns().stream().map(Crd::column).toList(),
                    "subresources",
                    map("status", map()),
                    "schema",
                    map("openAPIV3Schema", schema(kind))))));
  }

  /** What Helm made it keeps: with a definition goes all that people wrote by it. */
  private static Map<String, Object> metadata(PolicyKind kind) {
    Map<String, Object> labels = map("app.kubernetes.io/part-of", "weir");
    if (kind.policy()) {
      labels.put("gateway.networking.k8s.io/policy", "Inherited");
    }
    return map(
        "name",
        kind.crdName(),
        "labels",
        labels,
        "annotations",
        map("helm.sh/resource-policy", "keep"));
  }

  private static Map<String, Object> column(PolicyKind.Column column) {
    return map(
        "name",
        column.name(),
        "description",
        column.description(),
        "type",
        column.type(),
        "jsonPath",
        column.path());
  }

  static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
