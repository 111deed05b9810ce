package dev.weir.sidecar.up;

import dev.weir.protos.FieldPath;
import dev.weir.protos.yaml.TextFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.sidecar.run.EnvFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code environment} and {@code env_file} of a service. */
final class EnvironmentReader {
  private final ProjectNodes nodes;
  private final Path folder;

  /**
   * @param folder from which files are looked for
   */
  EnvironmentReader(ProjectNodes nodes, Path folder) {
    this.nodes = nodes;
    this.folder = folder;
  }

  Map<String, String> environment(YamlNode node, FieldPath path) {
    Map<String, String> variables = new LinkedHashMap<>();
    if (node instanceof YamlNode.Mapping mapping) {
      for (YamlNode.Entry entry : mapping.entries()) {
        boolean inherited =
            entry.value() instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.NULL;
        FieldPath at = path.key(entry.key());
        put(
            variables,
            entry.key(),
            inherited ? nodes.variable(entry.key()) : nodes.text(entry.value(), at),
            entry.value(),
            at);
      }
      return variables;
    }
    List<YamlNode> items = nodes.items(node, path);
    for (int index = 0; index < items.size(); index++) {
      String variable = nodes.text(items.get(index), path.index(index));
      if (variable != null) {
        int equals = variable.indexOf('=');
        String name = equals < 0 ? variable : variable.substring(0, equals);
        put(
            variables,
            name,
            equals < 0 ? nodes.variable(name) : variable.substring(equals + 1),
            items.get(index),
            path.index(index));
      }
    }
    return variables;
  }

  private void put(
      Map<String, String> variables,
      String name,
      @Nullable String value,
      YamlNode node,
      FieldPath path) {
    if (!EnvFile.isName(name)) {
      nodes.wrong(node.at(), path, "\"" + name + "\" is not a variable's name");
    } else if (value != null) {
      variables.put(name, value);
    }
  }

  Map<String, String> files(YamlNode node, FieldPath path) {
    Map<String, String> variables = new LinkedHashMap<>();
    if (!(node instanceof YamlNode.Sequence list)) {
      variables.putAll(file(node, path));
      return variables;
    }
    for (int index = 0; index < list.items().size(); index++) {
      variables.putAll(file(list.items().get(index), path.index(index)));
    }
    return variables;
  }

  /** Its name, or {@code path} and {@code required}. */
  private Map<String, String> file(YamlNode node, FieldPath path) {
    if (!(node instanceof YamlNode.Mapping mapping)) {
      String name = nodes.text(node, path);
      return name == null ? Map.of() : read(name, true, node, path);
    }
    String name = null;
    boolean required = true;
    for (YamlNode.Entry entry : mapping.entries()) {
      FieldPath field = path.field(entry.key());
      switch (entry.key()) {
        case "path" -> name = nodes.text(entry.value(), field);
        case "required" ->
            required =
                !Boolean.FALSE.equals(nodes.parsed(entry.value(), field, EnvironmentReader::truth));
        default -> nodes.unknown(entry, field, List.of("path", "required"));
      }
    }
    if (mapping.get("path").isEmpty()) {
      nodes.wrong(node.at(), path.field("path"), "is missing");
    }
    return name == null ? Map.of() : read(name, required, node, path);
  }

  private static Boolean truth(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("\"" + text + "\" is not true or false");
    };
  }

  private Map<String, String> read(String name, boolean required, YamlNode node, FieldPath path) {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      if (required) {
        nodes.wrong(node.at(), path, "there is no file " + file);
      }
      return Map.of();
    }
    try {
      EnvFile.Read read = EnvFile.read(file.toString(), TextFile.read(file), nodes.around());
      read.problems().forEach(problem -> nodes.wrong(node.at(), path, problem));
      return read.variables();
    } catch (TextFile.NotUtf8 e) {
      nodes.wrong(node.at(), path, file + ":" + e.line() + ": is not UTF-8");
    } catch (IOException e) {
      nodes.wrong(
          node.at(),
          path,
          file + (Files.isDirectory(file) ? " is a folder" : " cannot be read: " + e));
    }
    return Map.of();
  }
}
