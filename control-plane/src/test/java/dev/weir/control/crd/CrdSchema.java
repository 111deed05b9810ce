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
        List<String> words = new ArrayList<>(choice.values().keySet());
        words.addAll(choice.planned().keySet());
        schema.put("enum", words);
        List<Map<String, Object>> rules = new ArrayList<>();
        choice
            .planned()
            .forEach((word, later) ->
                rules.add(
                    rule(
                        "self != '%s'".formatted(word),
                        "\"%s\" is %s".formatted(word, later.message()))));
        rules(rules, schema);
      }
      case Shape.Time time -> {
        patterned(Span.PATTERN, 32, schema);
        List<Map<String, Object>> rules = new ArrayList<>();
        rules.add(
            rule(
                "duration(self) >= duration('%s') && duration(self) <= duration('%s')"
                    .formatted(Span.print(time.min()), Span.print(time.max())),
                "%s to %s is allowed".formatted(Span.print(time.min()), Span.print(time.max()))));
        if (!time.multiple().isEmpty()) {
          rules.add(multiple(time));
        }
        rules(rules, schema);
      }
      case Shape.Frequency rate -> frequency(rate, schema);
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
        object(struct.members(), struct.planned(), schema);
        List<Map<String, Object>> rules = new ArrayList<>();
        struct.rules().forEach(rule -> rules.add(rule(rule)));
        rules.addAll(planned(struct.planned()));
        rules(rules, schema);
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

  /**
   * A step is of whole seconds. The milliseconds of a duration are all of it to one CEL, and what
   * is beyond its seconds to another; what it says as a text costs an API server more than it
   * allows.
   */
  private static Map<String, Object> multiple(Shape.Time time) {
    long step = time.step().toSeconds();
    return rule(
        "duration(self).getMilliseconds() % 1000 == 0"
            + (step == 1 ? "" : " && duration(self).getSeconds() % " + step + " == 0"),
        time.multiple() + " is allowed");
  }

  private static void frequency(Shape.Frequency rate, Map<String, Object> schema) {
    patterned(Rate.PATTERN, 11, schema);
    double hourly = rate.min().perSecond() * 3600;
    if (hourly > 0) {
      rules(
          List.of(
              rule(
                  "int(self.substring(0, self.indexOf('/'))) * (self.endsWith('s') ? 3600 :"
                      + " self.endsWith('m') ? 60 : 1) >= "
                      + Math.round(hourly),
                  "at least " + rate.min() + " is allowed")),
          schema);
    }
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
    if (many.unique()) {
      rules(
          List.of(
              rule(
                  "self.all(one, self.exists_one(other, other == one))",
                  "an item is in the list twice")),
          schema);
    }
  }

  private static void union(Shape.Union union, Map<String, Object> schema) {
    List<Shape.Member> members =
        union.cases().stream()
            .map(one -> one.members().getFirst())
            .map(one -> new Shape.Member(one.name(), one.doc(), one.shape(), false, null))
            .toList();
    object(members, union.planned(), schema);
    String names = String.join(", ", members.stream().map(Shape.Member::name).toList());
    String present =
        String.join(
            ", ", members.stream().map(member -> "has(self." + member.name() + ")").toList());
    List<Map<String, Object>> rules = new ArrayList<>();
    rules.add(
        rule(
            "[" + present + "].filter(given, given).size() == 1",
            "exactly one of " + names + " is required"));
    union.cases().forEach(one -> one.rules().forEach(rule -> rules.add(rule(rule))));
    rules.addAll(planned(union.planned()));
    rules(rules, schema);
  }

  /** They are there to be refused with a reason, and not left out by who does not validate. */
  private static List<Map<String, Object>> planned(Map<String, Shape.Later> planned) {
    List<Map<String, Object>> rules = new ArrayList<>();
    planned.forEach((name, later) -> {
      Map<String, Object> rule = rule("!has(self." + name + ")", later.message());
      rule.put("fieldPath", "." + name);
      rules.add(rule);
    });
    return rules;
  }

  private static Map<String, Object> property(Shape.Later later) {
    Map<String, Object> property = new LinkedHashMap<>();
    String message = later.message();
    property.put(
        "description", Character.toUpperCase(message.charAt(0)) + message.substring(1) + ".");
    switch (later.form()) {
      case TEXT -> {
        property.put("type", "string");
        property.put("maxLength", 253);
      }
      case MAP -> property.putAll(anything());
      case LIST -> {
        property.put("type", "array");
        property.put("maxItems", 64);
        property.put("x-kubernetes-list-type", "atomic");
        property.put("items", anything());
      }
    }
    return property;
  }

  private static Map<String, Object> anything() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("x-kubernetes-preserve-unknown-fields", true);
    return schema;
  }

  private static void object(
      List<Shape.Member> members, Map<String, Shape.Later> planned, Map<String, Object> schema) {
    schema.put("type", "object");
    List<String> required =
        members.stream().filter(Shape.Member::required).map(Shape.Member::name).toList();
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    Map<String, Object> properties = new LinkedHashMap<>();
    for (Shape.Member member : members) {
      Map<String, Object> property = new LinkedHashMap<>();
      property.put("description", member.doc() + notYet(member.shape()));
      property.putAll(of(member.shape()));
      String defaultsTo = member.defaultsTo();
      if (defaultsTo != null) {
        property.put(
            "default", new Load(LoadSettings.builder().build()).loadFromString(defaultsTo));
      }
      properties.put(member.name(), property);
    }
    planned.forEach((name, later) -> properties.put(name, property(later)));
    schema.put("properties", properties);
  }

  /** Words that are among those of an enum, so that they are refused with a reason. */
  private static String notYet(Shape shape) {
    return shape instanceof Shape.Choice choice && !choice.planned().isEmpty()
        ? " Not supported yet: `" + String.join("`, `", choice.planned().keySet()) + "`."
        : "";
  }

  private static void rules(List<Map<String, Object>> rules, Map<String, Object> schema) {
    if (!rules.isEmpty()) {
      List<Object> all = new ArrayList<>(rules);
      schema.put("x-kubernetes-validations", all);
    }
  }

  private static Map<String, Object> rule(Rule rule) {
    Map<String, Object> schema = rule(rule.cel(), rule.message());
    if (!rule.field().isEmpty()) {
      schema.put("fieldPath", "." + rule.field());
    }
    return schema;
  }

  private static Map<String, Object> rule(String cel, String message) {
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("rule", cel);
    rule.put("message", message);
    return rule;
  }
}
