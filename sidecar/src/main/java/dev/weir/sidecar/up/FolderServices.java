package dev.weir.sidecar.up;

import dev.weir.protos.Nearest;
import dev.weir.protos.yaml.TextFile;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The services of a folder's mesh, as far as a look at its files tells: what is wrong with those
 * the control plane says.
 *
 * @param externalNames by the services' full names; empty of one that may have instances
 */
record FolderServices(SortedMap<String, String> externalNames) {
  private static final String SERVICE = "Service";
  private static final long MOST_BYTES = 8 << 20;
  private static final int DEEPEST = 8;

  FolderServices {
    externalNames = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(externalNames));
  }

  /** Empty where a file cannot be read: it may have any service. */
  static Optional<FolderServices> of(Path folder) {
    Look look = new Look(folder);
    try {
      Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), DEEPEST, look);
      return Optional.of(new FolderServices(look.found));
    } catch (IOException e) {
      return Optional.empty(); // the control plane says what is wrong with it
    }
  }

  /** As the control plane looks; what is hidden is not read. */
  private static final class Look extends SimpleFileVisitor<Path> {
    private final Path folder;
    private final SortedMap<String, String> found = new TreeMap<>();
    private long bytes;

    Look(Path folder) {
      this.folder = folder;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
      return isHidden(each) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    private boolean isHidden(Path path) {
      return !path.equals(folder) && path.getFileName().toString().startsWith(".");
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      String name = file.toString().toLowerCase(Locale.ROOT);
      if (!isHidden(file)
          && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"))) {
        bytes += attributes.size();
        if (bytes > MOST_BYTES) {
          throw new IOException("there is too much in " + folder);
        }
        read(file);
      }
      return FileVisitResult.CONTINUE;
    }

    private void read(Path file) throws IOException {
      String text = TextFile.read(file);
      if (!text.contains(SERVICE)) {
        return;
      }
      YamlFile yaml = YamlReader.readKubernetes(file.toString(), text);
      if (!yaml.problems().isEmpty()) {
        throw new IOException(file + " cannot be read");
      }
      yaml.documents().forEach(document -> add(document, found));
    }
  }

  private static void add(YamlNode node, Map<String, String> found) {
    String kind = text(node, "kind").orElse("");
    if (kind.endsWith("List") && at(node, "items") instanceof YamlNode.Sequence items) {
      items.items().forEach(item -> add(item, found));
    } else if (kind.equals(SERVICE) && text(node, "apiVersion").orElse("").equals("v1")) {
      YamlNode metadata = at(node, "metadata");
      YamlNode spec = at(node, "spec");
      boolean outside = text(spec, "type").orElse("").equals("ExternalName");
      found.put(
          text(metadata, "namespace").orElse("default") + "/" + text(metadata, "name").orElse(""),
          outside ? text(spec, "externalName").orElse("") : "");
    }
  }

  private static YamlNode at(YamlNode node, String key) {
    return node instanceof YamlNode.Mapping mapping ? mapping.get(key).orElse(node) : node;
  }

  private static Optional<String> text(YamlNode node, String key) {
    return at(node, key) instanceof YamlNode.Scalar scalar
        ? Optional.of(scalar.text())
        : Optional.empty();
  }

  /** Why there is no instance of it, of which the namespace need not be named. */
  Optional<String> problem(String service) {
    List<String> found =
        externalNames.keySet().stream()
            .filter(name -> name.equals(service) || name.endsWith("/" + service))
            .toList();
    if (found.isEmpty()) {
      return Optional.of(
          "there is no such service in the folder"
              + Nearest.hint(service, names(service))
              + "; there are: "
              + (externalNames.isEmpty() ? "none yet" : String.join(", ", externalNames.keySet())));
    }
    if (found.size() > 1) {
      return Optional.of(
          "several namespaces have it: " + String.join(", ", found) + "; name one of these");
    }
    String external = externalNames.getOrDefault(found.getFirst(), "");
    return external.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "is of type ExternalName: it leads to "
                + external
                + ", and has no instances in the mesh");
  }

  /** As the one that is not there is written. */
  private List<String> names(String service) {
    return externalNames.keySet().stream()
        .map(name -> service.contains("/") ? name : name.substring(name.indexOf('/') + 1))
        .distinct()
        .toList();
  }
}
