package dev.weir.control.cli.migrate.resource;

import dev.weir.control.json.Json;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The resources that are written, in their order. */
public final class Output {
  public static final String GATEWAY = "gateway.networking.k8s.io";

  private final List<YamlNode> documents = new ArrayList<>();

  /** As it came. */
  public void add(YamlNode document) {
    documents.add(document);
  }

  public void add(String apiVersion, String kind, ObjectName name, Map<String, Object> spec) {
    documents.add(
        Json.node(
            fields(
                "apiVersion",
                apiVersion,
                "kind",
                kind,
                "metadata",
                fields("name", name.name(), "namespace", name.namespace()),
                "spec",
                spec)));
  }

  /** A ResiliencePolicy of {@code target}; nothing if it would say nothing. */
  public void policy(ObjectName name, Map<String, Object> target, Map<String, Object> sections) {
    if (!sections.isEmpty()) {
      Map<String, Object> spec = fields("targetRefs", List.of(target));
      spec.putAll(sections);
      add("weir.dev/v1alpha1", "ResiliencePolicy", name, spec);
    }
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

  public String text() {
    StringBuilder text = new StringBuilder();
    for (YamlNode document : documents) {
      text.append(text.isEmpty() ? "" : "---\n").append(YamlWriter.write(document));
    }
    return text.toString();
  }
}
