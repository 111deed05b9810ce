package dev.weir.control.source.reader;

import dev.weir.control.model.schema.Rule;
import dev.weir.control.model.schema.Shape;
import dev.weir.control.model.schema.Shapes;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record from YAML by its {@link Shape}. Everything that is wrong is reported, not only the
 * first; a record is made only when nothing was.
 */
public final class SchemaReader {
  /** What becomes of a field that is not known. */
  public enum Unknown {
    REFUSED,
    /** It is as if it were not written: who accepted it knows more of the kind than we do. */
    PASSED_OVER
  }

  private final Findings findings;
  private final Unknown unknown;
  private final ScalarReader scalars;

  public SchemaReader(Findings findings, Unknown unknown) {
    this.findings = findings;
    this.unknown = unknown;
    this.scalars = new ScalarReader(findings);
  }

  /** One that refuses what it does not know. */
  public SchemaReader(Findings findings) {
    this(findings, Unknown.REFUSED);
  }

  /** Null when something was wrong; it is then in the findings. */
  public <T extends Record> @Nullable T read(Class<T> type, YamlNode node, FieldPath path) {
    int before = findings.errors();
    Object value = struct(Shapes.of(type), node, path);
    return findings.errors() == before ? type.cast(value) : null;
  }

  private @Nullable Object value(Shape shape, YamlNode node, FieldPath path) {
    return switch (shape) {
      case Shape.Struct struct -> struct(struct, node, path);
      case Shape.Union union -> union(union, node, path);
      case Shape.Many many -> many(many, node, path);
      case Shape.Table table -> table(table, node, path);
      case Shape.Text _,
          Shape.Whole _,
          Shape.Flag _,
          Shape.Choice _,
          Shape.PortOrName _,
          Shape.Time _,
          Shape.Share _,
          Shape.Frequency _ ->
          scalars.value(shape, node, path);
    };
  }

  private @Nullable Object struct(Shape.Struct struct, YamlNode node, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      return scalars.expected("a map", node, path);
    }
    int before = findings.errors();
    Map<String, Shape.Member> members =
        struct.members().stream()
            .collect(
                Collectors.toMap(
                    Shape.Member::name, member -> member, (a, b) -> a, LinkedHashMap::new));
    refuseUnknown(mapping, members.keySet(), struct.planned(), struct.ignored(), path);
    List<@Nullable Object> values = new ArrayList<>();
    for (Shape.Member member : struct.members()) {
      values.add(member(member, mapping, path));
    }
    return findings.errors() == before ? construct(struct, values, mapping, path) : null;
  }

  private @Nullable Object member(Shape.Member member, Mapping mapping, FieldPath path) {
    YamlNode written = mapping.get(member.name()).orElse(null);
    FieldPath at = path.field(member.name());
    if (written != null && !isNull(written)) {
      return value(member.shape(), written, at);
    }
    if (member.required()) {
      findings.error(mapping.at(), at, "missing; it is required");
      return null;
    }
    String otherwise = member.defaultsTo();
    if (otherwise != null) {
      return value(member.shape(), Defaults.node(otherwise, mapping.at()), at);
    }
    return switch (member.shape()) {
      case Shape.Many many -> List.of();
      case Shape.Table table -> Map.of();
      default -> null;
    };
  }

  private @Nullable Object construct(
      Shape.Struct struct, List<@Nullable Object> values, Mapping node, FieldPath path) {
    try {
      return RecordMaker.make(struct.type(), values);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      String field =
          struct.rules().stream()
              .filter(rule -> rule.message().equals(message))
              .map(Rule::field)
              .findFirst()
              .orElse("");
      refuse(node, path, field, message);
      return null;
    }
  }

  /** The last part of {@code field} that is written stands for what is not. */
  private void refuse(Mapping mapping, FieldPath path, String field, String message) {
    YamlNode at = mapping;
    FieldPath full = path;
    for (String step : field.isEmpty() ? new String[0] : field.split("\\.")) {
      full = full.field(step);
      if (at instanceof Mapping map) {
        at = map.get(step).orElse(at);
      }
    }
    findings.error(at.at(), full, message);
  }

  private @Nullable Object union(Shape.Union union, YamlNode node, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      return scalars.expected("a map", node, path);
    }
    Map<String, Shape.Struct> cases = new LinkedHashMap<>();
    union.cases().forEach(one -> cases.put(one.members().getFirst().name(), one));
    int before = findings.errors();
    refuseUnknown(mapping, cases.keySet(), union.planned(), Set.of(), path);
    List<String> given =
        mapping.entries().stream()
            .filter(entry -> !isNull(entry.value()))
            .map(YamlNode.Entry::key)
            .filter(cases::containsKey)
            .toList();
    if (given.size() == 1) {
      Shape.Struct one = cases.get(given.getFirst());
      List<YamlNode.Entry> entry =
          mapping.entries().stream().filter(each -> each.key().equals(given.getFirst())).toList();
      return one != null && findings.errors() == before
          ? struct(one, new Mapping(mapping.at(), entry), path)
          : null;
    }
    if (findings.errors() == before) {
      findings.error(
          node.at(),
          path,
          (given.isEmpty() ? "none" : given.size() + " of them")
              + " given; write exactly one of "
              + String.join(", ", cases.keySet()));
    }
    return null;
  }

  private void refuseUnknown(
      Mapping mapping,
      Set<String> known,
      Map<String, Shape.Later> planned,
      Set<String> ignored,
      FieldPath path) {
    for (YamlNode.Entry entry : mapping.entries()) {
      String key = entry.key();
      Shape.Later later = planned.get(key);
      if (later != null) {
        if (!isNull(entry.value())) {
          findings.error(entry.at(), path.field(key), later.message());
        }
      } else if (unknown == Unknown.REFUSED && !known.contains(key) && !ignored.contains(key)) {
        Set<String> words = new LinkedHashSet<>(known);
        words.addAll(ignored);
        findings.error(
            entry.at(),
            path.field(key),
            "unknown field"
                + Nearest.to(key, words)
                    .map("; did you mean \"%s\"?"::formatted)
                    .orElse("; known here: " + String.join(", ", known)));
      }
    }
  }

  private @Nullable Object many(Shape.Many many, YamlNode node, FieldPath path) {
    if (!(node instanceof Sequence sequence)) {
      return scalars.expected("a list", node, path);
    }
    int size = sequence.items().size();
    if (size < many.min() || size > many.max()) {
      findings.error(
          node.at(),
          path,
          "has %d items; %s".formatted(size, ScalarReader.range(many.min(), many.max())));
      return null;
    }
    List<Object> values = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (int index = 0; index < size; index++) {
      YamlNode item = sequence.items().get(index);
      Object value = value(many.item(), item, path.index(index));
      if (many.unique() && values.contains(value)) {
        findings.error(item.at(), path.index(index), "is already in the list");
      } else if (value != null) {
        values.add(value);
      }
      if (!many.key().isEmpty()
          && item instanceof Mapping mapping
          && mapping.get(many.key()).orElse(null) instanceof Scalar key
          && !keys.add(key.text())) {
        findings.error(
            key.at(),
            path.index(index).field(many.key()),
            "\"" + key.text() + "\" is already in the list");
      }
    }
    return values;
  }

  private @Nullable Object table(Shape.Table table, YamlNode node, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      return scalars.expected("a map", node, path);
    }
    if (mapping.entries().size() > table.max()) {
      findings.error(node.at(), path, "has more than " + table.max() + " entries");
      return null;
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (YamlNode.Entry entry : mapping.entries()) {
      if (entry.value() instanceof Scalar scalar && scalar.kind() == Kind.STRING) {
        values.put(entry.key(), scalar.text());
      } else {
        scalars.expected("a text (in quotes)", entry.value(), path.key(entry.key()));
      }
    }
    return values;
  }

  private static boolean isNull(YamlNode node) {
    return node instanceof Scalar scalar && scalar.kind() == Kind.NULL;
  }
}
