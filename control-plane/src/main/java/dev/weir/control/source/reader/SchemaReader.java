package dev.weir.control.source.reader;

import dev.weir.control.model.schema.Percentage;
import dev.weir.control.model.schema.PortReference;
import dev.weir.control.model.schema.Rate;
import dev.weir.control.model.schema.Shape;
import dev.weir.control.model.schema.Shapes;
import dev.weir.control.model.schema.Span;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
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
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record from YAML by its {@link Shape}. Everything that is wrong is reported, not only the
 * first; a record is made only when nothing was.
 */
public final class SchemaReader {
  private final Findings findings;

  public SchemaReader(Findings findings) {
    this.findings = findings;
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
      case Shape.Text text -> text(text, node, path);
      case Shape.Whole whole -> whole(whole, node, path);
      case Shape.Flag flag -> flag(node, path);
      case Shape.Choice choice -> choice(choice, node, path);
      case Shape.PortOrName port -> portOrName(node, path);
      case Shape.Time time ->
          within(
              parsed(node, path, "a duration such as 2s", Span::parse),
              time.min(),
              time.max(),
              Span::print,
              node,
              path);
      case Shape.Share share ->
          within(
              parsed(node, path, "a percentage such as \"20%\"", Percentage::parse),
              share.min(),
              share.max(),
              Percentage::toString,
              node,
              path);
      case Shape.Frequency frequency -> frequency(frequency, node, path);
    };
  }

  private @Nullable Object struct(Shape.Struct struct, YamlNode node, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      return expected("a map", node, path);
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
    return findings.errors() == before ? construct(struct, values, node.at(), path) : null;
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
      Shape.Struct struct, List<@Nullable Object> values, Location at, FieldPath path) {
    try {
      return RecordMaker.make(struct.type(), values);
    } catch (IllegalArgumentException e) {
      findings.error(at, path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable Object union(Shape.Union union, YamlNode node, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      return expected("a map", node, path);
    }
    Map<String, Shape.Struct> cases = new LinkedHashMap<>();
    union.cases().forEach(one -> cases.put(one.members().getFirst().name(), one));
    int before = findings.errors();
    refuseUnknown(mapping, cases.keySet(), union.planned(), Set.of(), path);
    List<String> given =
        mapping.entries().stream()
            .map(YamlNode.Entry::key)
            .filter(key -> cases.containsKey(key) || union.planned().containsKey(key))
            .toList();
    if (given.size() == 1) {
      Shape.Struct one = cases.get(given.getFirst());
      return one != null && findings.errors() == before ? struct(one, node, path) : null;
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
      Map<String, String> planned,
      Set<String> ignored,
      FieldPath path) {
    for (YamlNode.Entry entry : mapping.entries()) {
      String key = entry.key();
      String wayOut = planned.get(key);
      if (wayOut != null) {
        findings.error(entry.at(), path.field(key), "not supported yet: " + wayOut);
      } else if (!known.contains(key) && !ignored.contains(key)) {
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
      return expected("a list", node, path);
    }
    int size = sequence.items().size();
    if (size < many.min() || size > many.max()) {
      findings.error(
          node.at(), path, "has %d items; %s".formatted(size, range(many.min(), many.max())));
      return null;
    }
    List<Object> values = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (int index = 0; index < size; index++) {
      YamlNode item = sequence.items().get(index);
      Object value = value(many.item(), item, path.index(index));
      if (value != null) {
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
      return expected("a map", node, path);
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
        expected("a text (in quotes)", entry.value(), path.key(entry.key()));
      }
    }
    return values;
  }

  private @Nullable Object text(Shape.Text shape, YamlNode node, FieldPath path) {
    String text = string(node, path, "a text (in quotes)");
    if (text == null) {
      return null;
    }
    if (text.length() < shape.minLength() || text.length() > shape.maxLength()) {
      findings.error(
          node.at(),
          path,
          "has %d characters; %s"
              .formatted(text.length(), range(shape.minLength(), shape.maxLength())));
      return null;
    }
    if (!shape.pattern().isEmpty() && !text.matches(shape.pattern())) {
      findings.error(node.at(), path, node.describe() + " does not match " + shape.pattern());
      return null;
    }
    return text;
  }

  private @Nullable Object whole(Shape.Whole shape, YamlNode node, FieldPath path) {
    if (!(node instanceof Scalar scalar && scalar.kind() == Kind.INTEGER)) {
      return expected("a whole number", node, path);
    }
    String digits = scalar.text();
    if (!digits.matches("-?[0-9]{1,18}")) {
      return expected("a whole number in digits", node, path);
    }
    long value = Long.parseLong(digits);
    if (value < shape.min() || value > shape.max()) {
      findings.error(
          node.at(), path, value + " is out of range; " + range(shape.min(), shape.max()));
      return null;
    }
    return Math.toIntExact(value);
  }

  private @Nullable Object flag(YamlNode node, FieldPath path) {
    if (node instanceof Scalar scalar && scalar.kind() == Kind.BOOLEAN) {
      return Boolean.parseBoolean(scalar.text());
    }
    return expected("true or false", node, path);
  }

  private @Nullable Object choice(Shape.Choice choice, YamlNode node, FieldPath path) {
    String words = String.join(", ", choice.values().keySet());
    String text = string(node, path, "one of " + words);
    if (text == null) {
      return null;
    }
    String wayOut = choice.planned().get(text);
    if (wayOut != null) {
      findings.error(node.at(), path, "\"" + text + "\" is not supported yet: " + wayOut);
      return null;
    }
    Enum<?> value = choice.values().get(text);
    if (value == null) {
      findings.error(
          node.at(),
          path,
          "\"" + text + "\" is none of " + words + Nearest.hint(text, choice.values().keySet()));
    }
    return value;
  }

  private @Nullable Object portOrName(YamlNode node, FieldPath path) {
    if (node instanceof Scalar scalar
        && (scalar.kind() == Kind.INTEGER || scalar.kind() == Kind.STRING)) {
      return new PortReference(scalar.text());
    }
    return expected("a port's number or name", node, path);
  }

  private @Nullable Object frequency(Shape.Frequency shape, YamlNode node, FieldPath path) {
    Rate rate = parsed(node, path, "a rate such as 10/s", Rate::parse);
    if (rate != null && rate.perSecond() < shape.min().perSecond()) {
      findings.error(node.at(), path, rate + " is below " + shape.min());
      return null;
    }
    return rate;
  }

  private <V> @Nullable V parsed(
      YamlNode node, FieldPath path, String what, Function<String, V> parse) {
    String text = string(node, path, what);
    if (text == null) {
      return null;
    }
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      findings.error(node.at(), path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private <V extends Comparable<V>> @Nullable V within(
      @Nullable V value, V min, V max, Function<V, String> print, YamlNode node, FieldPath path) {
    if (value != null && (value.compareTo(min) < 0 || value.compareTo(max) > 0)) {
      findings.error(
          node.at(),
          path,
          "%s is out of range; %s to %s is allowed"
              .formatted(print.apply(value), print.apply(min), print.apply(max)));
      return null;
    }
    return value;
  }

  private @Nullable String string(YamlNode node, FieldPath path, String what) {
    if (node instanceof Scalar scalar && scalar.kind() == Kind.STRING) {
      return scalar.text();
    }
    expected(what, node, path);
    return null;
  }

  private @Nullable Object expected(String what, YamlNode node, FieldPath path) {
    findings.error(node.at(), path, "expected " + what + ", not " + node.describe());
    return null;
  }

  private static boolean isNull(YamlNode node) {
    return node instanceof Scalar scalar && scalar.kind() == Kind.NULL;
  }

  private static String range(long min, long max) {
    return min + " to " + max + (max == 1 ? " is allowed" : " are allowed");
  }
}
