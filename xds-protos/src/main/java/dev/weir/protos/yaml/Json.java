package dev.weir.protos.yaml;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Maps, iterables, texts, numbers, booleans and null, as JSON and as a tree. */
public final class Json {
  private static final Location NOWHERE = Location.of("");

  /** As YAML writes it, and Kubernetes. */
  private static final Set<String> TRUE = Set.of("true", "yes", "y", "on");

  private Json() {}

  public static String print(@Nullable Object value) {
    return JsonWriter.write(node(value));
  }

  /** As a tree, which can be printed as YAML too. */
  public static YamlNode node(@Nullable Object value) {
    return node(value, NOWHERE);
  }

  /** As a tree that can be read as if it had been written: all of it stands in one place. */
  public static YamlNode node(@Nullable Object value, Location at) {
    return switch (value) {
      case null -> new Scalar(at, "null", Kind.NULL);
      case Map<?, ?> map -> {
        List<Entry> entries = new ArrayList<>();
        map.forEach((key, item) -> entries.add(new Entry(at, String.valueOf(key), node(item, at))));
        yield new Mapping(at, entries);
      }
      case Iterable<?> items -> {
        List<YamlNode> nodes = new ArrayList<>();
        items.forEach(item -> nodes.add(node(item, at)));
        yield new Sequence(at, nodes);
      }
      case Integer number -> new Scalar(at, number.toString(), Kind.INTEGER);
      case Long number -> new Scalar(at, number.toString(), Kind.INTEGER);
      case BigInteger number -> new Scalar(at, number.toString(), Kind.INTEGER);
      case Number number -> new Scalar(at, number.toString(), Kind.FLOAT);
      case Boolean flag -> new Scalar(at, flag.toString(), Kind.BOOLEAN);
      default -> new Scalar(at, value.toString(), Kind.STRING);
    };
  }

  /**
   * The other way, of a tree with integers in decimal digits, as Kubernetes' tools read it: maps in
   * the order written, lists, texts, numbers, booleans and null. What JSON has no number for, as
   * .inf, is a text.
   */
  public static @Nullable Object value(YamlNode node) {
    return switch (node) {
      case Mapping(Location _, List<Entry> entries) -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        entries.forEach(entry -> map.put(entry.key(), value(entry.value())));
        yield map;
      }
      case Sequence(Location _, List<YamlNode> items) -> {
        List<@Nullable Object> list = new ArrayList<>();
        items.forEach(item -> list.add(value(item)));
        yield list;
      }
      case Scalar(Location _, String text, Kind kind) ->
          switch (kind) {
            case NULL -> null;
            case BOOLEAN -> TRUE.contains(text.toLowerCase(Locale.ROOT));
            case INTEGER -> integer(new BigInteger(text));
            case FLOAT -> text.matches("[-+0-9.eE]+") ? new BigDecimal(text) : text;
            case STRING -> text;
          };
    };
  }

  private static Number integer(BigInteger number) {
    if (number.bitLength() < Integer.SIZE) {
      return number.intValue();
    }
    return number.bitLength() < Long.SIZE ? (Number) number.longValue() : number;
  }
}
