package dev.weir.control.json;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints maps, iterables, texts, whole numbers, booleans and null as JSON. */
public final class Json {
  private static final Location NOWHERE = Location.of("");

  private Json() {}

  public static String print(@Nullable Object value) {
    return JsonWriter.write(node(value));
  }

  /** As a tree, which can be printed as YAML too. */
  public static YamlNode node(@Nullable Object value) {
    return switch (value) {
      case null -> new Scalar(NOWHERE, "null", Kind.NULL);
      case Map<?, ?> map -> {
        List<Entry> entries = new ArrayList<>();
        map.forEach(
            (key, item) -> entries.add(new Entry(NOWHERE, String.valueOf(key), node(item))));
        yield new Mapping(NOWHERE, entries);
      }
      case Iterable<?> items -> {
        List<YamlNode> nodes = new ArrayList<>();
        items.forEach(item -> nodes.add(node(item)));
        yield new Sequence(NOWHERE, nodes);
      }
      case Integer number -> new Scalar(NOWHERE, number.toString(), Kind.INTEGER);
      case Long number -> new Scalar(NOWHERE, number.toString(), Kind.INTEGER);
      case Boolean flag -> new Scalar(NOWHERE, flag.toString(), Kind.BOOLEAN);
      default -> new Scalar(NOWHERE, value.toString(), Kind.STRING);
    };
  }
}
