package dev.weir.control.source.resource;

import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import java.util.List;

/** What texts are JSON Web Key Sets (RFC 7517). */
public final class KeySets {
  /** What is said of one that is none. */
  public static final String WANTED =
      "no JSON Web Key Set: an object with a list \"keys\" of one key at least (RFC 7517)";

  private KeySets() {}

  /** Whether it is one; whether its keys can be used, a sidecar knows. */
  public static boolean isOne(String text) {
    YamlFile file = YamlReader.read("jwks", text);
    return file.problems().isEmpty()
        && file.documents().size() == 1
        && file.documents().getFirst() instanceof Mapping set
        && set.get("keys").orElse(null) instanceof Sequence(var _, List<YamlNode> keys)
        && !keys.isEmpty()
        && keys.stream().allMatch(key -> key instanceof Mapping map && map.get("kty").isPresent());
  }
}
