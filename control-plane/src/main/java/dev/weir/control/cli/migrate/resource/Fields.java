package dev.weir.control.cli.migrate.resource;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A map of a resource; it knows which of its fields were read. */
public final class Fields {
  private final Mapping mapping;
  private final FieldPath path;
  private final Report report;
  private final Set<String> read = new HashSet<>();
  private final IdentityHashMap<YamlNode, Fields> children = new IdentityHashMap<>();

  public Fields(Mapping mapping, FieldPath path, Report report) {
    this.mapping = mapping;
    this.path = path;
    this.report = report;
  }

  public Location at() {
    return mapping.at();
  }

  public FieldPath path() {
    return path;
  }

  public boolean isEmpty() {
    return mapping.entries().isEmpty();
  }

  public List<String> names() {
    return mapping.entries().stream().map(Entry::key).toList();
  }

  public boolean has(String name) {
    return mapping.get(name).isPresent();
  }

  /** What is there and has not been read. */
  public List<String> unread() {
    return names().stream().filter(name -> !read.contains(name)).toList();
  }

  /** It is of no matter here. */
  public void ignore(String... names) {
    read.addAll(List.of(names));
  }

  public Optional<String> text(String name) {
    Optional<YamlNode> node = read(name);
    if (node.isPresent()) {
      if (node.get() instanceof Scalar scalar) {
        return Optional.of(scalar.text());
      }
      expected("a text", node.get(), path.field(name));
    }
    return Optional.empty();
  }

  public Optional<Integer> number(String name) {
    Optional<String> text = text(name);
    if (text.isPresent()) {
      try {
        return Optional.of(Integer.valueOf(text.get()));
      } catch (NumberFormatException e) {
        report.wrong(place(name), path.field(name), "\"" + text.get() + "\" is no whole number");
      }
    }
    return Optional.empty();
  }

  public boolean flag(String name) {
    return text(name).filter("true"::equals).isPresent();
  }

  public Optional<Fields> map(String name) {
    return read(name).flatMap(node -> child(node, path.field(name)));
  }

  /** Whether it is there, and a map. */
  public boolean isMap(String name) {
    return mapping.get(name).orElse(null) instanceof Mapping;
  }

  /** Of maps. */
  public List<Fields> maps(String name) {
    List<Fields> maps = new ArrayList<>();
    List<YamlNode> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      child(items.get(i), path.field(name).index(i)).ifPresent(maps::add);
    }
    return maps;
  }

  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    List<YamlNode> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof Scalar scalar) {
        texts.add(scalar.text());
      } else {
        expected("a text", items.get(i), path.field(name).index(i));
      }
    }
    return texts;
  }

  /** A map whose keys are people's own, of maps. */
  public Map<String, Fields> table(String name) {
    Map<String, Fields> table = new LinkedHashMap<>();
    map(name)
        .ifPresent(map -> {
          for (String key : map.names()) {
            map.map(key).ifPresent(value -> table.put(key, value));
          }
        });
    return table;
  }

  /** The same, of texts. */
  public Map<String, String> textTable(String name) {
    Map<String, String> table = new LinkedHashMap<>();
    map(name)
        .ifPresent(map -> {
          for (String key : map.names()) {
            map.text(key).ifPresent(value -> table.put(key, value));
          }
        });
    return table;
  }

  /** What is null is not there. */
  private Optional<YamlNode> read(String name) {
    read.add(name);
    return mapping
        .get(name)
        .filter(node -> !(node instanceof Scalar scalar && scalar.kind() == Kind.NULL));
  }

  /** Whether there is more than {@code taken} items of a list, or no list at all. */
  public boolean lost(String name, int taken) {
    return read(name)
        .filter(node -> !(node instanceof Sequence list && list.items().size() == taken))
        .isPresent();
  }

  private List<YamlNode> items(String name) {
    Optional<YamlNode> node = read(name);
    if (node.isPresent()) {
      if (node.get() instanceof Sequence(_, List<YamlNode> items)) {
        return items;
      }
      expected("a list", node.get(), path.field(name));
    }
    return List.of();
  }

  /** The same each time that it is asked for, so that it knows all that was read of it. */
  private Optional<Fields> child(YamlNode node, FieldPath at) {
    if (node instanceof Mapping map) {
      return Optional.of(children.computeIfAbsent(map, key -> new Fields(map, at, report)));
    }
    expected("a map", node, at);
    return Optional.empty();
  }

  private void expected(String what, YamlNode node, FieldPath at) {
    report.wrong(node.at(), at, "expected " + what + ", not " + node.describe());
  }

  /** It has no counterpart, if it is there. */
  public void without(String name, String why) {
    read.add(name);
    if (has(name)) {
      report.without(place(name), path.field(name), why);
    }
  }

  public void note(String name, String what) {
    report.note(place(name), path.field(name), what);
  }

  private Location place(String name) {
    return mapping.entries().stream()
        .filter(entry -> entry.key().equals(name))
        .map(Entry::at)
        .findFirst()
        .orElse(mapping.at());
  }

  /** Names all that nobody has read. */
  public void reportUnread() {
    for (Entry entry : mapping.entries()) {
      if (!read.contains(entry.key())) {
        report.without(entry.at(), path.field(entry.key()), "Weir has nothing like it");
      }
    }
    children.values().forEach(Fields::reportUnread);
  }
}
