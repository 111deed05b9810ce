package dev.weir.control.source.reader;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;

/** A default, written as it would be in a file, as the node it would be there. */
final class Defaults {
  private Defaults() {}

  static YamlNode node(String written, Location at) {
    return moved(YamlReader.read("default", written).documents().getFirst(), at);
  }

  private static YamlNode moved(YamlNode node, Location at) {
    return switch (node) {
      case Scalar scalar -> new Scalar(at, scalar.text(), scalar.kind());
      case Sequence list ->
          new Sequence(at, list.items().stream().map(item -> moved(item, at)).toList());
      case Mapping map ->
          new Mapping(
              at,
              map.entries().stream()
                  .map(entry -> new Entry(at, entry.key(), moved(entry.value(), at)))
                  .toList());
    };
  }
}
