package dev.weir.control.json;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints maps, iterables, texts, numbers, booleans and null as JSON. */
public final class Json {
  private static final Location NOWHERE = Location.of("");

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
}
