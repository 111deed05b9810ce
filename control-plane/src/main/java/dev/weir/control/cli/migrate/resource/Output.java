package dev.weir.control.cli.migrate.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.protos.yaml.Json;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The resources that are written, in their order. */
public final class Output {
  public static final String GATEWAY = "gateway.networking.k8s.io";

  /** Weir's own kinds. */
  public static final String WEIR = "weir.dev/v1alpha1";

  /** The most that a list of a policy has, but for its rules. */
  public static final int MOST = 16;

  private final List<YamlNode> documents = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /** As it came. */
  public void add(String kind, ObjectName name, YamlNode document) {
    names.add(kind + " " + name);
    documents.add(document);
  }

  /** {@code name}, or one like it that no resource of that kind has; nobody else gets it. */
  public ObjectName unused(String kind, ObjectName name) {
    ObjectName free = name;
    for (int i = 2; !names.add(kind + " " + free); i++) {
      free = new ObjectName(name.namespace(), name.name() + "-" + i);
    }
    return free;
  }

  /** Under a name that {@link #unused} has given. */
  public void add(String apiVersion, String kind, ObjectName name, Map<String, Object> spec) {
    addWhole(
        apiVersion,
        kind,
        fields("name", name.name(), "namespace", name.namespace()),
        fields("spec", spec));
  }

  /** With fields beside its metadata that are not a {@code spec}. */
  public void addWhole(
      String apiVersion, String kind, Map<String, Object> metadata, Map<String, Object> rest) {
    Map<String, Object> whole = fields("apiVersion", apiVersion, "kind", kind);
    whole.put("metadata", metadata);
    whole.putAll(rest);
    documents.add(Json.node(whole));
  }

  /**
   * A policy for {@code targets}, or several where these are too many for one; nothing if it would
   * say nothing.
   */
  public void policy(
      String kind,
      ObjectName name,
      List<Map<String, Object>> targets,
      Map<String, Object> sections) {
    if (sections.isEmpty()) {
      return;
    }
    for (List<Map<String, Object>> some : parts(targets, MOST)) {
      Map<String, Object> spec = fields("targetRefs", some);
      spec.putAll(sections);
      add(WEIR, kind, unused(kind, name), spec);
    }
  }

  /** A list in parts of {@code most} at most; of none, none. */
  public static <T> List<List<T>> parts(List<T> all, int most) {
    List<List<T>> parts = new ArrayList<>();
    for (int i = 0; i < all.size(); i += most) {
      parts.add(List.copyOf(all.subList(i, Math.min(all.size(), i + most))));
    }
    return parts;
  }

  /** Of pairs of a name and a value, in their order; it may be added to. */
  public static Map<String, Object> fields(Object... pairs) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      fields.put((String) pairs[i], pairs[i + 1]);
    }
    return fields;
  }

  public static Map<String, Object> service(String name) {
    return fields("group", "", "kind", "Service", "name", name);
  }

  /** One of a service's ports, by its name. */
  public static Map<String, Object> service(String name, String port) {
    Map<String, Object> service = service(name);
    service.put("sectionName", port);
    return service;
  }

  public static Map<String, Object> namespace(String name) {
    return fields("group", "", "kind", "Namespace", "name", name);
  }

  public static Map<String, Object> mesh() {
    return fields("group", "weir.dev", "kind", "MeshConfig", "name", "default");
  }

  public String text() {
    StringBuilder text = new StringBuilder();
    for (YamlNode document : documents) {
      text.append(text.isEmpty() ? "" : "---\n").append(YamlWriter.write(document));
    }
    return text.toString();
  }
}
