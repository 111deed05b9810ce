package dev.weir.sidecar.up;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.Nearest;
import dev.weir.protos.Problem;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.sidecar.run.Interpolation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Takes the nodes of {@code weir.yaml} for what they are to be, and collects what is wrong. */
final class ProjectNodes {
  private static final String EXTENSION = "x-";

  private final Function<String, @Nullable String> around;
  private final List<Problem> problems = new ArrayList<>();

  /**
   * @param around the variables that values may use
   */
  ProjectNodes(Function<String, @Nullable String> around) {
    this.around = around;
  }

  List<Problem> problems() {
    return problems;
  }

  @Nullable String variable(String name) {
    return around.apply(name);
  }

  Function<String, @Nullable String> around() {
    return around;
  }

  void wrong(Location at, FieldPath path, String what) {
    problems.add(new Problem(at, path, what));
  }

  /** As compose does, what begins with {@code x-} is passed over. */
  void unknown(YamlNode.Entry entry, FieldPath path, List<String> known) {
    if (entry.key().startsWith(EXTENSION)) {
      return;
    }
    wrong(
        entry.at(),
        path,
        "is not a key that is known here"
            + Nearest.to(entry.key(), known)
                .map(near -> "; did you mean \"" + near + "\"?")
                .orElse("; these are: " + String.join(", ", known)));
  }

  List<YamlNode.Entry> entries(YamlNode node, FieldPath path) {
    if (node instanceof YamlNode.Mapping mapping) {
      return mapping.entries();
    }
    wrong(node.at(), path, "must be a map, and is " + node.describe());
    return List.of();
  }

  List<YamlNode> items(YamlNode node, FieldPath path) {
    if (node instanceof YamlNode.Sequence list) {
      return list.items();
    }
    wrong(node.at(), path, "must be a list, and is " + node.describe());
    return List.of();
  }

  /** A scalar, or nothing; variables are put in. */
  @Nullable String text(YamlNode node, FieldPath path) {
    if (!(node instanceof YamlNode.Scalar scalar)) {
      wrong(node.at(), path, "must be a text, and is " + node.describe());
      return null;
    }
    try {
      return Interpolation.of(scalar.text(), around);
    } catch (IllegalArgumentException e) {
      wrong(node.at(), path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  List<String> texts(YamlNode node, FieldPath path) {
    List<String> texts = new ArrayList<>();
    List<YamlNode> items = items(node, path);
    for (int index = 0; index < items.size(); index++) {
      String text = text(items.get(index), path.index(index));
      if (text != null) {
        texts.add(text);
      }
    }
    return texts;
  }

  <T> @Nullable T parsed(YamlNode node, FieldPath path, Function<String, T> form) {
    String text = text(node, path);
    try {
      return text == null ? null : form.apply(text);
    } catch (IllegalArgumentException e) {
      wrong(node.at(), path, String.valueOf(e.getMessage()));
      return null;
    }
  }
}
