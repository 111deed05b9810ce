package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Selection;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What policies of Istio's are for. Istio selects workloads by their labels, and Weir's policies
 * name Services, which stand for all of their instances.
 */
final class PolicyTargets {
  private static final String MESH_NAMESPACE = "weir-system";

  /** How much of a mesh a policy is for. */
  enum Level {
    MESH,
    NAMESPACE,
    SERVICE
  }

  /**
   * What a policy of Weir's is for.
   *
   * @param namespace where it has to live
   * @param refs its {@code targetRefs}
   * @param services those of the files that it holds for
   */
  record Target(
      Level level, String namespace, List<Map<String, Object>> refs, List<ObjectName> services) {
    Target {
      refs = List.copyOf(refs);
      services = List.copyOf(services);
    }

    /** Where the policy {@code name} is written. */
    ObjectName policy(ObjectName name) {
      return new ObjectName(namespace, name.name());
    }
  }

  /** What becomes of a Service of which some instances are meant, and others need not be. */
  enum Some {
    /** It is included: the policy makes nothing easier for anybody. */
    INCLUDED,
    /** It is left out. */
    LEFT_OUT
  }

  private final IstioMesh mesh;
  private final Services services;
  private final Report report;

  PolicyTargets(IstioMesh mesh, Services services, Report report) {
    this.mesh = mesh;
    this.services = services;
    this.report = report;
  }

  /** One for each namespace that policies have to be in; none, and said, if there is nothing. */
  List<Target> of(ObjectName policy, Fields spec, Some some) {
    List<Fields> refs = new ArrayList<>(spec.maps("targetRefs"));
    spec.map("targetRef").ifPresent(refs::add);
    Optional<Fields> selector = spec.map("selector");
    boolean malformed =
        spec.lost("targetRefs", spec.maps("targetRefs").size())
            || spec.has("targetRef") && spec.map("targetRef").isEmpty()
            || spec.has("selector") && selector.isEmpty();
    Map<String, String> labels =
        selector.map(each -> each.textTable("matchLabels")).orElse(Map.of());
    if (malformed || selector.filter(each -> !isOfLabels(each, labels)).isPresent()) {
      report.wrong(spec.at(), spec.path(), "is left out: it does not say what it is for");
      return List.of();
    }
    if (!refs.isEmpty()) {
      return named(policy, refs);
    }
    boolean root = policy.namespace().equals(mesh.rootNamespace());
    if (labels.isEmpty()) {
      return List.of(root ? ofMesh() : ofNamespace(policy.namespace()));
    }
    return selected(
        root ? Optional.empty() : Optional.of(policy.namespace()),
        selector.orElse(spec),
        labels,
        some);
  }

  /** Whether labels are all that a selector says. */
  private static boolean isOfLabels(Fields selector, Map<String, String> labels) {
    return selector.unread().isEmpty()
        && selector.map("matchLabels").map(Fields::names).orElse(List.of()).size() == labels.size();
  }

  private Target ofMesh() {
    return new Target(
        Level.MESH, MESH_NAMESPACE, List.of(Output.mesh()), services.inMesh(Optional.empty()));
  }

  private Target ofNamespace(String namespace) {
    return new Target(
        Level.NAMESPACE,
        namespace,
        List.of(Output.namespace(namespace)),
        services.inMesh(Optional.of(namespace)));
  }

  private List<Target> named(ObjectName policy, List<Fields> refs) {
    List<ObjectName> found = new ArrayList<>();
    for (Fields ref : refs) {
      String kind = ref.text("kind").orElse("");
      Optional<String> service = ref.text("name");
      ref.ignore("group", "namespace");
      if (kind.equals("Service") && service.isPresent()) {
        found.add(new ObjectName(policy.namespace(), service.get()));
      } else {
        report.without(ref.at(), ref.path(), "Weir has no way in from outside; name a Service");
      }
    }
    return byNamespace(found);
  }

  private List<Target> selected(
      Optional<String> namespace, Fields selector, Map<String, String> labels, Some some) {
    Selection selection = services.selecting(namespace, labels);
    Location at = selector.at();
    FieldPath path = selector.path();
    List<ObjectName> found = new ArrayList<>(selection.whole());
    for (ObjectName part : selection.part()) {
      if (some == Some.INCLUDED) {
        found.add(part);
        report.note(
            at,
            path,
            "holds for all instances of Service %s, also for those without these labels"
                .formatted(part));
      } else {
        report.without(
            at,
            path,
            "a policy is for a Service, and of Service %s not all instances need have these labels"
                    .formatted(part)
                + "; give those that have them a Service of their own, or its Deployments with"
                + " the files");
      }
    }
    selection
        .unknown()
        .forEach(service ->
            report.note(
                at,
                path,
                "is not taken to mean Service %s, whose selector says nothing of these labels; give"
                        .formatted(service)
                    + " its Deployments with the files if its instances have them"));
    if (found.isEmpty() && selection.part().isEmpty()) {
      report.wrong(
          at,
          path,
          "a policy is for Services, and none among the files%s selects instances with these labels"
              .formatted(namespace.map(" in namespace "::concat).orElse("")));
    }
    return byNamespace(found);
  }

  private static List<Target> byNamespace(List<ObjectName> found) {
    Map<String, List<ObjectName>> byNamespace = new TreeMap<>();
    found.forEach(service ->
        byNamespace.computeIfAbsent(service.namespace(), key -> new ArrayList<>()).add(service));
    List<Target> targets = new ArrayList<>();
    byNamespace.forEach((namespace, some) ->
        targets.add(
            new Target(
                Level.SERVICE,
                namespace,
                some.stream().map(service -> Output.service(service.name())).toList(),
                some)));
    return targets;
  }
}
