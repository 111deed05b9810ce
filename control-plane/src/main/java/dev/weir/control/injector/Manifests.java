package dev.weir.control.injector;

import com.google.common.hash.Hashing;
import dev.weir.protos.Location;
import dev.weir.protos.yaml.Json;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.protos.yaml.YamlWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the sidecar into the pods of what is written in files: pods themselves, and what makes them.
 * What makes none stays as it was. What is wrong with one resource is said, and costs no other.
 */
public final class Manifests {
  private static final int SECRET = 32;
  private static final String LIST = "List";

  private final Injection injection;
  private final Consumer<String> told;
  private final Consumer<String> wrong;

  /** The {@value Injector#LABEL} of those that are among the resources. */
  private final Map<String, String> namespaces = new HashMap<>();

  /**
   * @param told is told of pods that stay without a sidecar, and why
   * @param wrong is told of what is malformed
   */
  public Manifests(Injection injection, Consumer<String> told, Consumer<String> wrong) {
    this.injection = injection;
    this.told = told;
    this.wrong = wrong;
  }

  /**
   * What the documents of a file become. What is malformed is left to the API server to refuse;
   * what has an annotation that is none is left out: as it is its pods would be outside the mesh.
   */
  public String inject(String file, String text) {
    YamlFile yaml = YamlReader.readKubernetes(file, text);
    yaml.documents().forEach(document -> namespace(document.at(), Json.value(document)));
    StringBuilder result = new StringBuilder();
    for (YamlNode document : yaml.documents()) {
      Object injected = document(document);
      if (injected != null) {
        result.append("---\n").append(YamlWriter.write(Json.node(injected)));
      }
    }
    yaml.problems().forEach(problem -> wrong.accept(problem.toString()));
    return result.toString();
  }

  /** What a Namespace says of its pods, wherever it stands. */
  private void namespace(Location at, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> resource)) {
      return;
    }
    if (resource.get("items") instanceof List<?> items) {
      items.forEach(item -> namespace(at, item));
    } else if ("v1".equals(resource.get("apiVersion"))
        && "Namespace".equals(resource.get("kind"))
        && resource.get("metadata") instanceof Map<?, ?> metadata
        && metadata.get("labels") instanceof Map<?, ?> labels
        && labels.get(Injector.LABEL) instanceof String label) {
      String name = String.valueOf(metadata.get("name"));
      namespaces.put(name, label);
      PodWarnings.label(label)
          .ifPresent(text -> told.accept(at + ": Namespace " + name + ": its label " + text));
    }
  }

  /** Who has it injected means it, but for a namespace that is beside it and says otherwise. */
  private Optional<String> label(Map<String, Object> resource) {
    String namespace = Tree.text(Tree.mapOrEmpty(resource, "metadata"), "namespace");
    return Optional.of(
        Injector.DISABLED.equals(namespaces.get(namespace)) ? Injector.DISABLED : Injector.ENABLED);
  }

  private @Nullable Object document(YamlNode document) {
    Optional<Location> merged = merged(document);
    if (merged.isPresent()) {
      wrong.accept(merged.get() + ": merge keys (<<) are not read; write out what is to be there");
      return null;
    }
    return resource(document.at(), "", Json.value(document));
  }

  /** Where a key stands that kubectl takes for more than a key. */
  private static Optional<Location> merged(YamlNode node) {
    return switch (node) {
      case Scalar _ -> Optional.empty();
      case Sequence(Location _, List<YamlNode> items) ->
          items.stream().map(Manifests::merged).flatMap(Optional::stream).findFirst();
      case Mapping(Location _, List<Entry> entries) ->
          entries.stream()
              .map(entry ->
                  entry.key().equals("<<") ? Optional.of(entry.at()) : merged(entry.value()))
              .flatMap(Optional::stream)
              .findFirst();
    };
  }

  /**
   * What a resource becomes; null: it is left out.
   *
   * @param field where it is in the document
   */
  @SuppressWarnings("unchecked") // the keys of what is read are texts
  private @Nullable Object resource(Location at, String field, @Nullable Object value) {
    String place = at + ": " + (field.isEmpty() ? "" : field + ": ");
    if (!(value instanceof Map<?, ?> map)) {
      wrong.accept(place + PodForm.otherThan("a resource", value));
      return value;
    }
    Map<String, Object> resource = (Map<String, Object>) map;
    for (String word : List.of("apiVersion", "kind")) {
      if (Tree.text(resource, word).isEmpty()) {
        wrong.accept(place + "is no resource: it has no " + word);
        return value;
      }
    }
    String apiVersion = Tree.text(resource, "apiVersion");
    String kind = Tree.text(resource, "kind");
    if (apiVersion.equals("v1") && kind.equals(LIST)) {
      return items(at, field, resource);
    }
    String name = place + kind + " " + name(resource);
    Optional<List<String>> way = PodTemplates.way(apiVersion, kind);
    if (way.isEmpty()) {
      if (PodTemplates.looksLikeOne(resource)) {
        told.accept(
            "%s stays as it is: of %s it is not known what becomes of its pods; the webhook injects them"
                .formatted(name, apiVersion));
      }
      return resource;
    }
    return workload(name, resource, way.get());
  }

  private Object items(Location at, String field, Map<String, Object> list) {
    if (!(list.get("items") instanceof List<?> items)) {
      wrong.accept(at + ": " + field + "items: " + PodForm.otherThan("a list", list.get("items")));
      return list;
    }
    Map<String, Object> result = Tree.copyOf(list);
    List<@Nullable Object> injected = new ArrayList<>();
    for (int index = 0; index < items.size(); index++) {
      String place = field + (field.isEmpty() ? "" : ".") + "items[" + index + "]";
      Object item = resource(at, place, items.get(index));
      if (item != null || items.get(index) == null) {
        injected.add(item);
      }
    }
    result.put("items", injected);
    return result;
  }

  private static String name(Map<String, Object> resource) {
    Map<String, Object> metadata = Tree.mapOrEmpty(resource, "metadata");
    String name = Tree.text(metadata, "name");
    return name.isEmpty() ? Tree.text(metadata, "generateName") : name;
  }

  /**
   * @param way to its pods
   */
  private @Nullable Object workload(String name, Map<String, Object> resource, List<String> way) {
    Map<String, Object> result = Tree.copyOf(resource);
    Map<String, Object> pod = result;
    String path = "";
    for (String step : way) {
      path += (path.isEmpty() ? "" : ".") + step;
      if (!(pod.get(step) instanceof Map<?, ?>)) {
        malformed(name, path + ": " + PodForm.otherThan("a map", pod.get(step)));
        return resource;
      }
      pod = Tree.map(pod, step);
    }
    // What is written to a file is the same each time, and in it for all who can read it.
    String secret =
        Hashing.sha256()
            .hashString(resource.toString(), StandardCharsets.UTF_8)
            .toString()
            .substring(0, SECRET);
    PodWarnings.of(pod).forEach(line -> told.accept(name + ": " + line));
    Injector.Outcome outcome;
    try {
      outcome = new Injector(injection, () -> secret).inject(pod, label(resource));
    } catch (IllegalArgumentException e) {
      wrong.accept(name + " is left out: " + e.getMessage());
      return null;
    }
    switch (outcome) {
      case Injector.Outcome.Injected(Map<String, Object> injected) -> {
        pod.clear();
        pod.putAll(injected);
      }
      case Injector.Outcome.Already() -> {}
      case Injector.Outcome.Left(String reason) ->
          told.accept(name + " gets no sidecar: " + reason);
      case Injector.Outcome.Malformed(String problem) ->
          malformed(name, (path.isEmpty() ? "" : path + ".") + problem);
    }
    return result;
  }

  private void malformed(String name, String problem) {
    wrong.accept(name + " gets no sidecar, and is left to the API server to refuse: " + problem);
  }
}
