package dev.weir.control.crd;

import dev.weir.control.model.schema.Percentage;
import dev.weir.control.model.schema.Rate;
import dev.weir.control.model.schema.Rule;
import dev.weir.control.model.schema.Shape;
import dev.weir.control.model.schema.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A structural OpenAPI v3 schema, as a CRD has it, of a shape. */
final class CrdSchema {
  private CrdSchema() {}

  static Map<String, Object> of(Shape shape) {
    Map<String, Object> schema = new LinkedHashMap<>();
    switch (shape) {
      case Shape.Text text -> text(text, schema);
      case Shape.Whole whole -> {
        schema.put("type", "integer");
        schema.put("minimum", whole.min());
        schema.put("maximum", whole.max());
      }
      case Shape.Flag flag -> schema.put("type", "boolean");
      case Shape.Choice choice -> {
        schema.put("type", "string");
        schema.put("enum", List.copyOf(choice.values().keySet()));
      }
      case Shape.Time time -> {
        patterned(Span.PATTERN, 32, schema);
        rules(
            List.of(
                rule(
                    "duration(self) >= duration('%s') && duration(self) <= duration('%s')"
                        .formatted(Span.print(time.min()), Span.print(time.max())),
                    "%s to %s is allowed"
                        .formatted(Span.print(time.min()), Span.print(time.max())))),
            schema);
      }
      case Shape.Frequency rate -> patterned(Rate.PATTERN, 11, schema);
      case Shape.Share share -> {
        patterned(Percentage.PATTERN, 7, schema);
        if (share.min().basisPoints() > 0) {
          rules(
              List.of(
                  rule(
                      "double(self.replace('%%', '')) >= %s"
                          .formatted(share.min().basisPoints() / 100.0),
                      "%s to %s is allowed".formatted(share.min(), share.max()))),
              schema);
        }
      }
      case Shape.PortOrName port -> schema.put("x-kubernetes-int-or-string", true);
      case Shape.Table table -> {
        schema.put("type", "object");
        schema.put("maxProperties", table.max());
        schema.put("additionalProperties", Map.of("type", "string"));
      }
      case Shape.Many many -> many(many, schema);
      case Shape.Struct struct -> {
        object(struct.members(), schema);
        rules(struct.rules().stream().map(CrdSchema::rule).toList(), schema);
      }
      case Shape.Union union -> union(union, schema);
    }
    return schema;
  }

  private static void text(Shape.Text text, Map<String, Object> schema) {
    schema.put("type", "string");
    if (text.minLength() > 0) {
      schema.put("minLength", text.minLength());
    }
    schema.put("maxLength", text.maxLength());
    if (!text.pattern().isEmpty()) {
      schema.put("pattern", text.pattern());
    }
  }

  private static void patterned(String pattern, int maxLength, Map<String, Object> schema) {
    schema.put("type", "string");
    schema.put("maxLength", maxLength);
    schema.put("pattern", pattern);
  }

  private static void many(Shape.Many many, Map<String, Object> schema) {
    schema.put("type", "array");
    if (many.min() > 0) {
      schema.put("minItems", many.min());
    }
    schema.put("maxItems", many.max());
    if (many.key().isEmpty()) {
      schema.put("x-kubernetes-list-type", "atomic");
    } else {
      schema.put("x-kubernetes-list-type", "map");
      schema.put("x-kubernetes-list-map-keys", List.of(many.key()));
    }
    schema.put("items", of(many.item()));
  }

  private static void union(Shape.Union union, Map<String, Object> schema) {
    List<Shape.Member> members =
        union.cases().stream()
            .map(one -> one.members().getFirst())
            .map(one -> new Shape.Member(one.name(), one.doc(), one.shape(), false, null))
            .toList();
    object(members, schema);
    String names = String.join(", ", members.stream().map(Shape.Member::name).toList());
    String present =
        String.join(
            ", ", members.stream().map(member -> "has(self." + member.name() + ")").toList());
    rules(
        List.of(
            rule(
                "[" + present + "].filter(given, given).size() == 1",
                "exactly one of " + names + " is required")),
        schema);
  }

  private static void object(List<Shape.Member> members, Map<String, Object> schema) {
    schema.put("type", "object");
    List<String> required =
        members.stream().filter(Shape.Member::required).map(Shape.Member::name).toList();
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    Map<String, Object> properties = new LinkedHashMap<>();
    for (Shape.Member member : members) {
      Map<String, Object> property = new LinkedHashMap<>();
      property.put("description", member.doc());
      property.putAll(of(member.shape()));
      String defaultsTo = member.defaultsTo();
      if (defaultsTo != null) {
        property.put(
            "default", new Load(LoadSettings.builder().build()).loadFromString(defaultsTo));
      }
      properties.put(member.name(), property);
    }
    schema.put("properties", properties);
  }

  private static void rules(List<Map<String, Object>> rules, Map<String, Object> schema) {
    if (!rules.isEmpty()) {
      List<Object> all = new ArrayList<>(rules);
      schema.put("x-kubernetes-validations", all);
    }
  }

  private static Map<String, Object> rule(Rule rule) {
    return rule(rule.cel(), rule.message());
  }

  private static Map<String, Object> rule(String cel, String message) {
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("rule", cel);
    rule.put("message", message);
    return rule;
  }
}
