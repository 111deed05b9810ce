package dev.weir.protos.yaml;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the line of a field path, for those who know a path and not the tree. A path may go on
 * where the document does not (a field that should be set): the last part that is there is found.
 */
public final class Locator {
  private static final Pattern SEGMENT =
      Pattern.compile("\\[\"(?<key>.*?)\"]|\\[(?<index>\\d{1,9})]|\\.?(?<field>[^.\\[]+)");

  private Locator() {}

  public static Location find(YamlNode root, String path) {
    Place place = new Place(root.at(), root);
    Matcher segment = SEGMENT.matcher(path);
    while (segment.lookingAt()) {
      Place next =
          segment.group("index") != null
              ? item(place.node(), Integer.parseInt(segment.group("index")))
              : entry(
                  place.node(),
                  Objects.requireNonNullElseGet(
                      segment.group("key"), () -> segment.group("field")));
      if (next == null) {
        break;
      }
      place = next;
      segment.region(segment.end(), path.length());
    }
    return place.at();
  }

  private record Place(Location at, YamlNode node) {}

  private static @Nullable Place item(YamlNode node, int index) {
    if (node instanceof Sequence sequence && index < sequence.items().size()) {
      YamlNode item = sequence.items().get(index);
      return new Place(item.at(), item);
    }
    return null;
  }

  private static @Nullable Place entry(YamlNode node, @Nullable String key) {
    if (node instanceof Mapping mapping) {
      for (Entry entry : mapping.entries()) {
        if (entry.key().equals(key)) {
          return new Place(entry.at(), entry.value());
        }
      }
    }
    return null;
  }
}
