package dev.weir.sidecar.cni;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The network of a node as CNI writes it: a list of plugins, or one plugin by itself. */
final class NetworkConf {
  /** Of the plugin: its {@code type}, and its file's name. */
  static final String PLUGIN = "weir-cni";

  /** Those in which a plugin gets what the one before it made; also in the plugin itself. */
  private static final Set<String> VERSIONS = Set.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

  private static final String ANNOTATIONS = "io.kubernetes.cri.pod-annotations";

  private NetworkConf() {}

  /**
   * The same network with Weir's plugin at the end; all else of it stays.
   *
   * @param file its name, for what is said
   * @throws IllegalArgumentException with what is wrong, and where
   */
  static String chained(String file, String text) {
    // YAML does not indent by tabs; in JSON one is no part of a text.
    YamlFile read = YamlReader.read(file, text.replace('\t', ' '));
    if (!read.problems().isEmpty()) {
      throw new IllegalArgumentException(read.problems().getFirst().toString());
    }
    if (read.documents().size() != 1 || !(read.documents().getFirst() instanceof Mapping conf)) {
      throw new IllegalArgumentException(file + ": expected one JSON object");
    }
    String version = text(conf, "cniVersion");
    if (!VERSIONS.contains(version)) {
      throw new IllegalArgumentException(
          conf.at() + ": cniVersion: \"" + version + "\" chains no plugins, or is not known yet");
    }
    if (text(conf, "name").isEmpty()) {
      throw new IllegalArgumentException(conf.at() + ": name: missing");
    }
    return JsonWriter.write(conf.get("plugins").isPresent() ? list(conf) : list(listOf(conf)));
  }

  private static Mapping listOf(Mapping plugin) {
    if (text(plugin, "type").isEmpty()) {
      throw new IllegalArgumentException(
          plugin.at() + ": neither plugins nor type: it is no network of CNI");
    }
    List<Entry> entries = new ArrayList<>();
    for (String key : List.of("cniVersion", "name")) {
      entries.add(entry(plugin.at(), key, plugin.get(key).orElseThrow()));
    }
    entries.add(entry(plugin.at(), "plugins", new Sequence(plugin.at(), List.of(plugin))));
    return new Mapping(plugin.at(), entries);
  }

  private static Mapping list(Mapping conf) {
    List<Entry> entries = new ArrayList<>();
    for (Entry entry : conf.entries()) {
      entries.add(
          entry.key().equals("plugins")
              ? entry(entry.at(), entry.key(), plugins(entry.value()))
              : entry);
    }
    return new Mapping(conf.at(), entries);
  }

  private static Sequence plugins(YamlNode value) {
    if (!(value instanceof Sequence plugins) || plugins.items().isEmpty()) {
      throw new IllegalArgumentException(value.at() + ": plugins: expected a list of some");
    }
    List<YamlNode> all = new ArrayList<>(plugins.items());
    for (YamlNode plugin : all) {
      if (plugin instanceof Mapping mapping && text(mapping, "type").equals(PLUGIN)) {
        throw new IllegalArgumentException(
            plugin.at()
                + ": plugins: "
                + PLUGIN
                + " is in it already: it is a copy of Weir's conf");
      }
    }
    all.add(own(value.at()));
    return new Sequence(value.at(), all);
  }

  /** The runtime hands it the pod's annotations for the asking. */
  private static Mapping own(Location at) {
    Mapping capabilities =
        new Mapping(at, List.of(entry(at, ANNOTATIONS, new Scalar(at, "true", Kind.BOOLEAN))));
    return new Mapping(
        at,
        List.of(
            entry(at, "type", new Scalar(at, PLUGIN, Kind.STRING)),
            entry(at, "capabilities", capabilities)));
  }

  private static Entry entry(Location at, String key, YamlNode value) {
    return new Entry(at, key, value);
  }

  /** Empty: missing, or no text. */
  private static String text(Mapping conf, String key) {
    return conf.get(key).orElse(null) instanceof Scalar(Location _, String text, Kind kind)
            && kind == Kind.STRING
        ? text
        : "";
  }
}
