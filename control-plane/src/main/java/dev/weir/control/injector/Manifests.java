package dev.weir.control.injector;

import com.google.common.hash.Hashing;
import dev.weir.control.json.Json;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.protos.yaml.YamlWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Puts the sidecar into the pods of what is written in files: pods themselves, and what makes them.
 * What makes none stays as it was.
 */
public final class Manifests {
  private static final int SECRET = 32;

  /** Where the pod's template is, by kind. */
  private static final Map<String, List<String>> TEMPLATES =
      Map.of(
          "Pod", List.of(),
          "Deployment", List.of("spec", "template"),
          "ReplicaSet", List.of("spec", "template"),
          "StatefulSet", List.of("spec", "template"),
          "DaemonSet", List.of("spec", "template"),
          "ReplicationController", List.of("spec", "template"),
          "Job", List.of("spec", "template"),
          "CronJob", List.of("spec", "jobTemplate", "spec", "template"));

  private final Injection injection;
  private final Consumer<String> told;

  /**
   * @param told is told of pods that stay without a sidecar, and why
   */
  public Manifests(Injection injection, Consumer<String> told) {
    this.injection = injection;
    this.told = told;
  }

  /**
   * What the documents of a file become. Throws IllegalArgumentException for what is no resource,
   * with what is wrong.
   */
  public String inject(String file, String text) {
    YamlFile yaml = YamlReader.readKubernetes(file, text);
    if (!yaml.problems().isEmpty()) {
      throw new IllegalArgumentException(yaml.problems().getFirst().toString());
    }
    StringBuilder result = new StringBuilder();
    for (YamlNode document : yaml.documents()) {
      result
          .append("---\n")
          .append(YamlWriter.write(Json.node(injected(file, resource(document)))));
    }
    return result.toString();
  }

  @SuppressWarnings("unchecked") // of a document a map is made
  private static Map<String, Object> resource(YamlNode document) {
    if (!(Json.value(document) instanceof Map<?, ?> map) || map.get("kind") == null) {
      throw new IllegalArgumentException(document.at() + ": is no resource: it has no kind");
    }
    return (Map<String, Object>) map;
  }

  private Map<String, Object> injected(String file, Map<String, Object> resource) {
    Map<String, Object> result = Tree.copyOf(resource);
    if (Tree.text(result, "kind").equals("List")) {
      List<Map<String, Object>> items = new ArrayList<>();
      Tree.listOrEmpty(result, "items").forEach(item -> items.add(injected(file, item)));
      result.put("items", items);
      return result;
    }
    List<String> way = TEMPLATES.get(Tree.text(result, "kind"));
    if (way == null) {
      return result;
    }
    Map<String, Object> template = result;
    for (String step : way) {
      template = Tree.map(template, step);
    }
    // What is written to a file is the same each time, and in it for all who can read it.
    String secret =
        Hashing.sha256()
            .hashString(resource.toString(), StandardCharsets.UTF_8)
            .toString()
            .substring(0, SECRET);
    Injector injector = new Injector(injection, () -> secret);
    switch (injector.inject(template, Optional.of("enabled"))) {
      case Injector.Outcome.Injected(Map<String, Object> pod) -> {
        template.clear();
        template.putAll(pod);
      }
      case Injector.Outcome.Already() -> {}
      case Injector.Outcome.Left(String reason) ->
          told.accept(
              "%s: %s %s gets no sidecar: %s"
                  .formatted(
                      file,
                      Tree.text(result, "kind"),
                      Tree.text(Tree.mapOrEmpty(result, "metadata"), "name"),
                      reason));
    }
    return result;
  }
}
