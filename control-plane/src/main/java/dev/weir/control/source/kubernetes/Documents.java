package dev.weir.control.source.kubernetes;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an API server answers, as the readers of files take it. */
final class Documents {
  private Documents() {}

  /**
   * @param value of JSON: maps, lists, texts, numbers, booleans and null
   * @param at the object's name stands for each of its places
   */
  static YamlNode node(@Nullable Object value, Location at) {
    return switch (value) {
      case null -> new YamlNode.Scalar(at, "null", Kind.NULL);
      case Map<?, ?> map -> mapping(map, at);
      case Collection<?> list ->
          new YamlNode.Sequence(at, list.stream().map(item -> node(item, at)).toList());
      case Boolean flag -> new YamlNode.Scalar(at, flag.toString(), Kind.BOOLEAN);
      case Integer number -> new YamlNode.Scalar(at, number.toString(), Kind.INTEGER);
      case Long number -> new YamlNode.Scalar(at, number.toString(), Kind.INTEGER);
      case BigInteger number -> new YamlNode.Scalar(at, number.toString(), Kind.INTEGER);
      case Number number -> new YamlNode.Scalar(at, number.toString(), Kind.FLOAT);
      default -> new YamlNode.Scalar(at, value.toString(), Kind.STRING);
    };
  }

  static YamlNode.Mapping mapping(Map<?, ?> map, Location at) {
    List<YamlNode.Entry> entries = new ArrayList<>();
    map.forEach(
        (key, value) -> entries.add(new YamlNode.Entry(at, String.valueOf(key), node(value, at))));
    return new YamlNode.Mapping(at, entries);
  }
}
