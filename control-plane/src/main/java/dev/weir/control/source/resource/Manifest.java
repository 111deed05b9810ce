package dev.weir.control.source.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A resource's head, and its nodes, to say where in it something is.
 *
 * @param created by Kubernetes
 * @param root its own place in its document: the document as a whole, or an item of a list
 */
public record Manifest(
    String kind,
    ObjectName name,
    Map<String, String> labels,
    Map<String, String> annotations,
    Optional<Instant> created,
    Mapping document,
    FieldPath root) {
  public Location at() {
    return document.at();
  }

  /** {@code ResiliencePolicy shop/inventory}. */
  public String resource() {
    return kind + " " + name;
  }

  /**
   * Where {@code steps}, names of fields and indexes of items, lead; the last part that is written
   * stands for what is not.
   */
  public Place place(Object... steps) {
    YamlNode node = document;
    FieldPath path = root;
    Location at = document.at();
    for (Object step : steps) {
      path = step instanceof Integer index ? path.index(index) : path.field((String) step);
      YamlNode next = step(node, step);
      if (next != null) {
        at = next.at();
        node = next;
      }
    }
    return new Place(at, path);
  }

  /** Whether {@code steps} lead to something that is written. */
  public boolean has(Object... steps) {
    @Nullable YamlNode node = document;
    for (Object step : steps) {
      node = node == null ? null : step(node, step);
    }
    return node != null;
  }

  private static @Nullable YamlNode step(YamlNode node, Object step) {
    return switch (node) {
      case Mapping mapping when step instanceof String key -> mapping.get(key).orElse(null);
      case Sequence list when step instanceof Integer index && index < list.items().size() ->
          list.items().get(index);
      default -> null;
    };
  }

  /** A field and where it stands. */
  public record Place(Location at, FieldPath path) {}
}
