package dev.weir.control.source.kubernetes;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What kubeconfigs say together, as far as it must be right before anybody is asked: the client
 * takes a file that is empty for one that means the pod that it runs in.
 */
final class Kubeconfig {
  /** Of a user and of a cluster: what names files. */
  private static final List<String> FILES =
      List.of("client-certificate", "client-key", "tokenFile", "certificate-authority");

  /** An entry of one of the lists, and the file that it stands in: the first one holds. */
  private record Entry(Path file, Location at, Mapping body) {}

  private final List<Path> files;
  private final Map<String, SortedMap<String, Entry>> lists = new TreeMap<>();
  private Optional<String> current = Optional.empty();

  private Kubeconfig(List<Path> files) {
    this.files = files;
  }

  /**
   * Looks at what is to be used.
   *
   * @param files that are there, one or more
   * @param context empty: the current one
   * @throws IOException with what is wrong, in which file
   */
  static void check(List<Path> files, Optional<String> context) throws IOException {
    Kubeconfig all = new Kubeconfig(files);
    for (Path file : files) {
      all.read(file);
    }
    all.check(context);
  }

  private void read(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no kubeconfig: it is no text in UTF-8");
    } catch (IOException e) {
      throw new IOException("the kubeconfig " + file + " cannot be read: " + e.getMessage(), e);
    }
    YamlFile yaml = YamlReader.readKubernetes(file.toString(), text);
    if (!yaml.problems().isEmpty()) {
      throw new IOException(file + " is no kubeconfig: " + yaml.problems().getFirst());
    }
    if (yaml.documents().isEmpty()) {
      throw new IOException("the kubeconfig " + file + " is empty");
    }
    if (!(yaml.documents().getFirst() instanceof Mapping document)) {
      throw new IOException(
          file + " is no kubeconfig: it is " + yaml.documents().getFirst().describe());
    }
    if (current.isEmpty()) {
      current = Optional.of(text(document, "current-context")).filter(name -> !name.isEmpty());
    }
    for (String list : List.of("contexts", "clusters", "users")) {
      entries(file, document, list);
    }
  }

  private void entries(Path file, Mapping document, String list) throws IOException {
    SortedMap<String, Entry> known = lists.computeIfAbsent(list, key -> new TreeMap<>());
    YamlNode node = document.get(list).orElse(null);
    if (node == null || node instanceof Scalar scalar && scalar.kind() == Kind.NULL) {
      return;
    }
    if (!(node instanceof Sequence(Location _, List<YamlNode> items))) {
      throw new IOException(node.at() + ": " + list + ": expected a list, not " + node.describe());
    }
    String body = list.substring(0, list.length() - 1);
    for (YamlNode item : items) {
      String name = item instanceof Mapping entry ? text(entry, "name") : "";
      if (item instanceof Mapping entry
          && !name.isEmpty()
          && entry.get(body).orElse(null) instanceof Mapping fields) {
        known.putIfAbsent(name, new Entry(file, item.at(), fields));
      } else {
        throw new IOException(item.at() + ": " + list + ": expected a map with name and " + body);
      }
    }
  }

  private void check(Optional<String> context) throws IOException {
    String name =
        context
            .or(() -> current)
            .orElseThrow(() ->
                new IOException(
                    named()
                        + " has no current-context"
                        + list("contexts")
                        + "; say which with --context, or kubectl config use-context"));
    Entry of = entry("contexts", "context", name, named());
    String from = "context \"" + name + "\" of " + of.file;
    Entry cluster = entry("clusters", "cluster", text(of.body, "cluster"), from);
    server(cluster);
    filesOf(cluster);
    String user = text(of.body, "user");
    if (!user.isEmpty()) {
      filesOf(entry("users", "user", user, from));
    }
  }

  private Entry entry(String list, String what, String name, String where) throws IOException {
    Entry entry = lists.getOrDefault(list, new TreeMap<>()).get(name);
    if (entry == null) {
      throw new IOException(
          "there is no %s \"%s\"%s%s"
              .formatted(
                  what,
                  name,
                  list.equals("contexts") ? " in " + where : ", which " + where + " names",
                  list(list)));
    }
    return entry;
  }

  private static void server(Entry cluster) throws IOException {
    String server = text(cluster.body, "server");
    String scheme;
    try {
      scheme = new URI(server).getScheme();
    } catch (URISyntaxException e) {
      scheme = null;
    }
    if (scheme == null || !List.of("http", "https").contains(scheme)) {
      throw new IOException(
          "%s: server: \"%s\" is no URL, as https://10.0.0.1:6443"
              .formatted(place(cluster, "server"), server));
    }
  }

  /** Their names are relative to the kubeconfig; what is in it as data counts more. */
  private static void filesOf(Entry entry) throws IOException {
    for (String field : FILES) {
      String name = text(entry.body, field);
      if (name.isEmpty() || !text(entry.body, field + "-data").isEmpty()) {
        continue;
      }
      Path file = entry.file.resolveSibling(name);
      if (!Files.isReadable(file)) {
        throw new IOException(
            "%s: %s: %s %s"
                .formatted(
                    place(entry, field),
                    field,
                    file,
                    Files.exists(file) ? "cannot be read" : "is not there"));
      }
    }
  }

  private static Location place(Entry entry, String field) {
    return entry.body.get(field).map(YamlNode::at).orElse(entry.at);
  }

  private String named() {
    return "the kubeconfig " + String.join(", ", files.stream().map(Path::toString).toList());
  }

  private String list(String list) {
    List<String> names = new ArrayList<>(lists.getOrDefault(list, new TreeMap<>()).keySet());
    return names.isEmpty() ? "; it has none" : "; there are " + String.join(", ", names);
  }

  private static String text(Mapping mapping, String field) {
    @Nullable YamlNode node = mapping.get(field).orElse(null);
    return node instanceof Scalar scalar && scalar.kind() != Kind.NULL ? scalar.text() : "";
  }
}
