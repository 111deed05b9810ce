package dev.weir.control.status;

import dev.weir.control.server.PolicyReach.Reach;
import dev.weir.control.source.kubernetes.ConfigKind;
import dev.weir.control.source.reader.Finding;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Writes what is to be said where it differs from what is said, so many a pass; what others say of
 * the same resource stays. One thread at a time.
 */
public final class StatusWriter {
  /** By which what is ours is told from what others say. */
  public static final String CONTROLLER = "weir.dev/control-plane";

  /** Of a change that concerns all, the others are written in the passes that follow. */
  private static final int MOST_OF_PASS = 50;

  /** Of all who say something of a policy, as Gateway API has it; of a route more fit. */
  private static final int MOST_ANCESTORS = 16;

  private static final int MOST_PARENTS = 32;

  private static final int MOST_FAILING = 1000;

  private final KubernetesClient client;
  private final Clock clock;
  private final Consumer<String> told;
  private final Events events;
  private int written;

  /** Whose status could not be written last, by kind and name, and why: each is told once. */
  private final Map<String, String> failing = new LinkedHashMap<>();

  /** What is to be told of the resource whose status is being made. */
  private final List<Runnable> changes = new ArrayList<>();

  /**
   * @param reporter the name of this control plane among the others
   * @param clock says when a condition became another
   * @param told is told whose status cannot be written, a line each
   */
  public StatusWriter(
      KubernetesClient client, String reporter, Clock clock, Consumer<String> told) {
    this.told = told;
    this.events = new Events(client, reporter, clock, told);
    this.client = client;
    this.clock = clock;
  }

  /**
   * The mesh as it is.
   *
   * @param findings about a resource, by its kind and name
   * @param reach of a resource, by its kind and name
   * @param unprotected of a resource, by its kind and name, where no sidecar enforces it, or ""
   * @param beside of a resource, by its kind and name, who may call past it, or whom it refuses or
   *     would refuse, or ""
   */
  public record Facts(
      Function<String, Collection<Finding>> findings,
      Function<String, Reach> reach,
      Function<String, String> unprotected,
      Function<String, String> beside) {}

  /**
   * One pass over the resources of a kind that are in force, or are not as it is said.
   *
   * @return whether all is said
   */
  public boolean write(
      ConfigKind kind, Collection<GenericKubernetesResource> objects, Facts facts) {
    written = 0;
    for (GenericKubernetesResource object : objects) {
      String name =
          kind.kind()
              + " "
              + object.getMetadata().getNamespace()
              + "/"
              + object.getMetadata().getName();
      Collection<Finding> findings = facts.findings().apply(name);
      if (kind.isPolicy()) {
        write(
            kind,
            object,
            "ancestors",
            "ancestorRef",
            references(object, "targetRefs"),
            index ->
                kind.isGatewayPolicy()
                    ? Verdicts.ofBackendTls(index, findings, facts.reach().apply(name))
                    : Verdicts.ofPolicy(
                        index,
                        findings,
                        refers(object),
                        facts.reach().apply(name),
                        facts.unprotected().apply(name),
                        facts.beside().apply(name)));
      } else if (kind.isRoute()) {
        write(
            kind,
            object,
            "parents",
            "parentRef",
            references(object, "parentRefs"),
            index ->
                Verdicts.ofRoute(
                    index, findings, facts.reach().apply(name), facts.beside().apply(name)));
      } else if (kind.isConfig()) {
        List<Map<String, Object>> before = said(object, "conditions");
        changes.clear();
        List<Map<String, Object>> now =
            conditions(Verdicts.ofConfig(findings, facts.reach().apply(name)), object, before);
        if (!now.equals(before)) {
          patch(kind, object, "conditions", now);
        }
      }
      if (written >= MOST_OF_PASS) {
        return false;
      }
    }
    return true;
  }

  /** Whether a policy names a server to ask, or a ConfigMap with keys. */
  private static boolean refers(GenericKubernetesResource object) {
    if (!(object.getAdditionalProperties().get("spec") instanceof Map<?, ?> spec)) {
      return false;
    }
    return spec.get("external") instanceof Map<?, ?>
        || spec.values().stream()
            .anyMatch(
                section -> section instanceof Map<?, ?> telling && telling.get("otlp") != null)
        || spec.get("jwt") instanceof Map<?, ?> jwt
            && jwt.get("providers") instanceof List<?> providers
            && providers.stream()
                .anyMatch(provider ->
                    provider instanceof Map<?, ?> fields
                        && fields.get("jwks") instanceof Map<?, ?> jwks
                        && jwks.get("configMapRef") != null);
  }

  private static List<Map<String, Object>> references(
      GenericKubernetesResource object, String field) {
    List<Map<String, Object>> references = new ArrayList<>();
    if (object.getAdditionalProperties().get("spec") instanceof Map<?, ?> spec
        && spec.get(field) instanceof List<?> list) {
      list.forEach(item -> references.add(map(item)));
    }
    return references;
  }

  private static Map<String, Object> map(Object item) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (item instanceof Map<?, ?> from) {
      from.forEach((key, value) -> map.put(String.valueOf(key), value));
    }
    return map;
  }

  private void write(
      ConfigKind kind,
      GenericKubernetesResource object,
      String list,
      String reference,
      List<Map<String, Object>> references,
      Function<Integer, List<Condition>> verdict) {
    changes.clear();
    List<Map<String, Object>> before = said(object, list);
    List<Map<String, Object>> others =
        before.stream().filter(each -> !CONTROLLER.equals(each.get("controllerName"))).toList();
    List<Map<String, Object>> now = new ArrayList<>(others);
    for (int i = 0; i < references.size(); i++) {
      Map<String, Object> of = references.get(i);
      // Of a gateway its own controller speaks.
      boolean ours = list.equals("ancestors") || "Service".equals(of.get("kind"));
      if (ours && now.size() < (list.equals("ancestors") ? MOST_ANCESTORS : MOST_PARENTS)) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put(reference, of);
        one.put("controllerName", CONTROLLER);
        one.put(
            "conditions",
            conditions(verdict.apply(i), object, conditionsOf(before, reference, of)));
        now.add(one);
      }
    }
    if (!now.equals(before)) {
      patch(kind, object, list, now);
    }
  }

  private static List<Map<String, Object>> said(GenericKubernetesResource object, String list) {
    List<Map<String, Object>> said = new ArrayList<>();
    if (object.getAdditionalProperties().get("status") instanceof Map<?, ?> status
        && status.get(list) instanceof List<?> entries) {
      entries.forEach(entry -> said.add(map(entry)));
    }
    return said;
  }

  /** What was said of the same before, by us. */
  private static List<Map<String, Object>> conditionsOf(
      List<Map<String, Object>> before, String reference, Map<String, Object> of) {
    List<Map<String, Object>> conditions = new ArrayList<>();
    for (Map<String, Object> entry : before) {
      if (CONTROLLER.equals(entry.get("controllerName"))
          && of.equals(entry.get(reference))
          && entry.get("conditions") instanceof List<?> list) {
        list.forEach(item -> conditions.add(map(item)));
      }
    }
    return conditions;
  }

  /** A condition that says the same as before has the time of before. */
  private List<Map<String, Object>> conditions(
      List<Condition> verdict, GenericKubernetesResource object, List<Map<String, Object>> before) {
    Long generation = object.getMetadata().getGeneration();
    List<Map<String, Object>> conditions = new ArrayList<>();
    for (Condition condition : verdict) {
      Optional<Map<String, Object>> old =
          before.stream().filter(one -> condition.type().equals(one.get("type"))).findFirst();
      if (old.filter(condition::isAs).isEmpty()) {
        String status = old.map(one -> String.valueOf(one.get("status"))).orElse("");
        changes.add(() -> events.changed(object, condition, status));
      }
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("type", condition.type());
      one.put("status", condition.status());
      one.put("reason", condition.reason());
      one.put("message", condition.message());
      one.put("observedGeneration", Objects.requireNonNullElse(generation, 0L).intValue());
      one.put("lastTransitionTime", since(condition, before));
      conditions.add(one);
    }
    return conditions;
  }

  private String since(Condition condition, List<Map<String, Object>> before) {
    return before.stream()
        .filter(old -> condition.type().equals(old.get("type")))
        .filter(old -> condition.status().equals(old.get("status")))
        .filter(old -> old.get("lastTransitionTime") != null)
        .map(old -> String.valueOf(old.get("lastTransitionTime")))
        .findFirst()
        .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** Who wrote meanwhile is not overwritten: what came of that is seen in the next pass. */
  private void patch(
      ConfigKind kind,
      GenericKubernetesResource object,
      String list,
      List<Map<String, Object>> now) {
    written++;
    String name =
        "%s %s/%s"
            .formatted(
                kind.kind(), object.getMetadata().getNamespace(), object.getMetadata().getName());
    GenericKubernetesResource next = new GenericKubernetesResource();
    next.setApiVersion(kind.apiVersion());
    next.setKind(kind.kind());
    next.setMetadata(
        new ObjectMetaBuilder()
            .withName(object.getMetadata().getName())
            .withNamespace(object.getMetadata().getNamespace())
            .withResourceVersion(object.getMetadata().getResourceVersion())
            .build());
    Map<String, Object> status = new LinkedHashMap<>();
    status.put(list, now);
    Map<String, Object> properties = new LinkedHashMap<>(object.getAdditionalProperties());
    properties.put("status", status);
    next.setAdditionalProperties(properties);
    try {
      client
          .genericKubernetesResources(kind.context())
          .inNamespace(object.getMetadata().getNamespace())
          .resource(next)
          .updateStatus();
      failing.remove(name);
      changes.forEach(Runnable::run);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT
          && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        failed(name, String.valueOf(e.getMessage()));
      }
    }
  }

  private void failed(String name, String why) {
    if (why.equals(failing.put(name, why))) {
      return;
    }
    if (failing.size() > MOST_FAILING) {
      failing.remove(failing.keySet().iterator().next());
    }
    told.accept("the status of %s is not written: %s".formatted(name, why));
  }
}
