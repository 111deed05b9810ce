package dev.weir.sidecar.xds;

import com.google.protobuf.Any;
import dev.weir.protos.FieldPath;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.util.List;

/** A DiscoveryResponse as YAML or JSON. A resource that cannot be read costs no other. */
final class ResponseText {
  private static final String RESOURCES = "resources";

  private ResponseText() {}

  /** What a text is. */
  sealed interface Read {
    /** {@code batch} holds what was read, and what of it was not. */
    record Response(String version, Batch batch) implements Read {}

    /** It is no response, or one of another type. */
    record Unreadable(String problem) implements Read {}
  }

  /**
   * @param name what problems call the text
   */
  static Read read(ResourceType type, String name, String text) {
    try {
      return parse(type, name, text);
    } catch (RuntimeException | StackOverflowError e) {
      return new Read.Unreadable(name + ": an internal error: " + e);
    }
  }

  private static Read parse(ResourceType type, String name, String text) {
    YamlFile file = YamlReader.read(name, text);
    if (!file.problems().isEmpty()) {
      return new Read.Unreadable(file.problems().getFirst().toString());
    }
    if (file.documents().size() != 1) {
      return new Read.Unreadable(
          name + (file.documents().isEmpty() ? ": it is empty" : ": it must be one document"));
    }
    if (!(file.documents().getFirst() instanceof Mapping root)) {
      YamlNode node = file.documents().getFirst();
      return new Read.Unreadable(
          node.at() + ": expected a DiscoveryResponse, found " + node.describe());
    }
    Converted<DiscoveryResponse> head =
        ProtoReader.read(root.without(RESOURCES), DiscoveryResponse.getDefaultInstance());
    if (!head.problems().isEmpty()) {
      return new Read.Unreadable(head.problems().getFirst().toString());
    }
    String typeUrl = head.message().getTypeUrl();
    if (!typeUrl.isEmpty() && !typeUrl.equals(type.typeUrl())) {
      return new Read.Unreadable(
          "%s: type_url: is %s, and must be %s".formatted(root.at(), typeUrl, type.typeUrl()));
    }
    String version = head.message().getVersionInfo();
    return new Read.Response(version, batch(type, version, items(root)));
  }

  private static List<YamlNode> items(Mapping root) {
    return switch (root.get(RESOURCES).orElse(null)) {
      case null -> List.of();
      case Sequence list -> list.items();
      case Scalar scalar when scalar.kind() == YamlNode.Kind.NULL -> List.of();
      case YamlNode one -> List.of(one);
    };
  }

  private static Batch batch(ResourceType type, String version, List<YamlNode> items) {
    Batch batch = new Batch(type);
    for (int i = 0; i < items.size(); i++) {
      YamlNode item = items.get(i);
      Converted<Any> converted =
          ProtoReader.read(
              item, Any.getDefaultInstance(), FieldPath.ROOT.field(RESOURCES).index(i));
      if (!converted.problems().isEmpty()) {
        batch.refuse(nameOf(item, i), converted.problems().getFirst().toString());
        continue;
      }
      try {
        batch.add(ResourceReader.ofSotw(type, version, converted.message()));
      } catch (IOException e) {
        batch.refuse(nameOf(item, i), item.at() + ": its bytes are no message: " + e.getMessage());
      }
    }
    return batch;
  }

  /** Its name as far as it can be told, else its place. */
  private static String nameOf(YamlNode item, int index) {
    if (item instanceof Mapping mapping) {
      for (String field : List.of("name", "cluster_name", "clusterName")) {
        if (mapping.get(field).orElse(null) instanceof Scalar name) {
          return name.text();
        }
      }
    }
    return "#" + index;
  }
}
