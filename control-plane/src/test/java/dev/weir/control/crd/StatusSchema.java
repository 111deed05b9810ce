package dev.weir.control.crd;

import static dev.weir.control.crd.Crd.map;

import java.util.List;
import java.util.Map;

/** What a control plane says of a resource: of a policy, Gateway API's {@code PolicyStatus}. */
final class StatusSchema {
  private StatusSchema() {}

  static Map<String, Object> of(PolicyKind kind) {
    return map(
        "description",
        "What the control plane says of it; nobody else writes it.",
        "type",
        "object",
        "properties",
        kind.policy() ? map("ancestors", ancestors()) : map("conditions", conditions()));
  }

  private static Map<String, Object> ancestors() {
    return map(
        "description",
        "For each thing that the policy is for, and each control plane: whether it holds.",
        "type",
        "array",
        "maxItems",
        16,
        "x-kubernetes-list-type",
        "atomic",
        "items",
        map(
            "type",
            "object",
            "required",
            List.of("ancestorRef", "conditions", "controllerName"),
            "properties",
            map(
                "ancestorRef",
                ancestorRef(),
                "controllerName",
                described("The control plane that says it: a domain and a path.", text(1, 253)),
                "conditions",
                conditions())));
  }

  private static Map<String, Object> ancestorRef() {
    return map(
        "description",
        "What it is said of, as in `spec.targetRefs`.",
        "type",
        "object",
        "required",
        List.of("name"),
        "properties",
        map(
            "group",
            described("Its group, empty for a Service.", text(0, 253)),
            "kind",
            described("Its kind.", text(1, 63)),
            "namespace",
            described("Its namespace.", text(1, 63)),
            "name",
            described("Its name.", text(1, 253)),
            "sectionName",
            described("One port of it, or one rule.", text(1, 253)),
            "port",
            described(
                "Its port.",
                map("type", "integer", "format", "int32", "minimum", 1, "maximum", 65535))));
  }

  private static Map<String, Object> conditions() {
    return map(
        "description",
        "What holds of it, one of each type.",
        "type",
        "array",
        "maxItems",
        8,
        "x-kubernetes-list-type",
        "map",
        "x-kubernetes-list-map-keys",
        List.of("type"),
        "items",
        map(
            "type",
            "object",
            "required",
            List.of("lastTransitionTime", "message", "reason", "status", "type"),
            "properties",
            map(
                "type",
                described("What is said, as `Accepted`.", text(1, 316)),
                "status",
                map(
                    "description",
                    "Whether it holds.",
                    "type",
                    "string",
                    "enum",
                    List.of("True", "False", "Unknown")),
                "reason",
                described("Why, in a word.", text(1, 1024)),
                "message",
                described("Why, in a sentence.", text(0, 32768)),
                "lastTransitionTime",
                map(
                    "description",
                    "When the status was last another.",
                    "type",
                    "string",
                    "format",
                    "date-time"),
                "observedGeneration",
                map(
                    "description",
                    "The `metadata.generation` that it is said of.",
                    "type",
                    "integer",
                    "format",
                    "int64",
                    "minimum",
                    0))));
  }

  private static Map<String, Object> text(int min, int max) {
    return min > 0
        ? map("type", "string", "minLength", min, "maxLength", max)
        : map("type", "string", "maxLength", max);
  }

  private static Map<String, Object> described(String description, Map<String, Object> schema) {
    Map<String, Object> described = map("description", description);
    described.putAll(schema);
    return described;
  }
}
