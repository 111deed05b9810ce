package dev.weir.control.injector;

import io.fabric8.zjsonpatch.JsonDiff;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Injects pods that are about to be made. It changes what it adds and nothing else: what others
 * wrote, and in which order, stays. Any thread.
 */
public final class InjectionReview implements AdmissionServer.Review {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Injector injector;
  private final Function<String, Optional<String>> labelOf;
  private final Consumer<String> prepare;

  /**
   * @param labelOf the {@value Injector#LABEL} of a namespace
   * @param prepare makes what an injected pod needs in its namespace
   */
  public InjectionReview(
      Injector injector, Function<String, Optional<String>> labelOf, Consumer<String> prepare) {
    this.injector = injector;
    this.labelOf = labelOf;
    this.prepare = prepare;
  }

  @Override
  public Map<String, Object> of(Map<String, Object> request) {
    Map<String, Object> pod = Tree.mapOrEmpty(request, "object");
    String namespace = Tree.text(request, "namespace");
    Map<String, Object> response = new LinkedHashMap<>();
    List<String> warnings = new ArrayList<>();
    PodWarnings.of(pod).forEach(line -> warnings.add("weir: " + line));
    try {
      switch (injector.inject(pod, labelOf.apply(namespace))) {
        case Injector.Outcome.Injected(Map<String, Object> injected) -> {
          prepare(request, namespace);
          response.put("allowed", true);
          response.put("patchType", "JSONPatch");
          response.put("patch", patch(pod, injected));
        }
        case Injector.Outcome.Already() -> {
          prepare(request, namespace); // weir inject has done the rest
          response.put("allowed", true);
        }
        case Injector.Outcome.Left(String reason) -> left(response, reason, warnings);
        case Injector.Outcome.Malformed(String problem) -> left(response, problem, warnings);
      }
    } catch (IllegalArgumentException e) {
      response.clear();
      response.put("allowed", false);
      response.put("status", Map.of("code", 422, "message", "weir: " + e.getMessage()));
    }
    if (!warnings.isEmpty()) {
      response.put("warnings", warnings);
    }
    return response;
  }

  private static void left(Map<String, Object> response, String reason, List<String> warnings) {
    response.put("allowed", true);
    warnings.addFirst("weir: the pod gets no sidecar: " + reason);
  }

  private void prepare(Map<String, Object> request, String namespace) {
    if (!Boolean.TRUE.equals(request.get("dryRun"))) {
      prepare.accept(namespace);
    }
  }

  private static String patch(Map<String, Object> before, Map<String, Object> after) {
    JsonNode patch = JsonDiff.asJson(JSON.valueToTree(before), JSON.valueToTree(after));
    return Base64.getEncoder().encodeToString(patch.toString().getBytes(StandardCharsets.UTF_8));
  }
}
