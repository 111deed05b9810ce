package dev.weir.control.cli.migrate.istio;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio's AuthorizationPolicy of the action CUSTOM: Weir's of the action External. */
public final class AuthorizationPolicies {
  private static final String ROOT_NAMESPACE = "istio-system";
  private static final String MESH_NAMESPACE = "weir-system";

  private final Services services;
  private final ExtensionProviders providers;
  private final Report report;
  private final Output output;

  public AuthorizationPolicies(
      Services services, ExtensionProviders providers, Report report, Output output) {
    this.services = services;
    this.providers = providers;
    this.report = report;
    this.output = output;
  }

  public void translate(ObjectName name, Fields spec) {
    String action = spec.text("action").orElse("ALLOW");
    String provider = spec.map("provider").flatMap(of -> of.text("name")).orElse("");
    if (!action.equals("CUSTOM")) {
      spec.ignore("selector", "targetRef", "targetRefs", "rules");
      report.without(
          spec.at(), spec.path().field("action"), "only CUSTOM is translated, and not " + action);
      return;
    }
    List<Map<String, Object>> targets = targets(name, spec);
    List<Map<String, Object>> rules =
        new AccessRules(report).rules(spec, targetPorts(targets, name.namespace()));
    String resource = "AuthorizationPolicy " + name;
    if (!providers.has(provider)) {
      report.wrong(
          spec.at(),
          spec.path().field("provider").field("name"),
          "\""
              + provider
              + "\" is not among the files; give them the ConfigMap istio too, as kubectl -n"
              + " istio-system get configmap istio -o yaml writes it");
      return;
    }
    Optional<Map<String, Object>> external = providers.external(provider);
    report.about(resource);
    if (external.isEmpty()) {
      report.wrong(
          spec.at(),
          spec.path().field("provider").field("name"),
          "is left out: \"" + provider + "\" cannot be asked");
    } else if (rules.isEmpty()) {
      report.note(spec.at(), spec.path().field("rules"), "is left out: it is about no request");
    } else if (!targets.isEmpty()) {
      boolean mesh = name.namespace().equals(ROOT_NAMESPACE) && isNamespace(targets);
      output.add(
          "weir.dev/v1alpha1",
          "AuthorizationPolicy",
          mesh ? new ObjectName(MESH_NAMESPACE, name.name()) : name,
          Output.fields(
              "targetRefs",
              mesh
                  ? List.of(
                      Output.fields("group", "weir.dev", "kind", "MeshConfig", "name", "default"))
                  : targets,
              "action",
              "External",
              "external",
              external.get(),
              "rules",
              rules));
    }
  }

  private static boolean isNamespace(List<Map<String, Object>> targets) {
    return "Namespace".equals(targets.getFirst().get("kind"));
  }

  /** What the policy is for; none, and said, if it is nothing of the mesh. */
  private List<Map<String, Object>> targets(ObjectName name, Fields spec) {
    List<Map<String, Object>> targets = new ArrayList<>();
    Optional<Fields> selector = spec.map("selector");
    List<Fields> refs = new ArrayList<>(spec.maps("targetRefs"));
    spec.map("targetRef").ifPresent(refs::add);
    for (Fields ref : refs) {
      String kind = ref.text("kind").orElse("");
      Optional<String> service = ref.text("name");
      ref.ignore("group", "namespace");
      if (kind.equals("Service") && service.isPresent()) {
        targets.add(Output.service(service.get()));
      } else {
        report.without(ref.at(), ref.path(), "Weir has no way in from outside; name a Service");
      }
    }
    if (refs.isEmpty() && selector.isEmpty()) {
      return List.of(Output.fields("group", "", "kind", "Namespace", "name", name.namespace()));
    }
    if (refs.isEmpty() && selector.isPresent()) {
      Map<String, String> labels = selector.get().textTable("matchLabels");
      services
          .selecting(name.namespace(), labels)
          .forEach(service -> targets.add(Output.service(service.name())));
      if (targets.isEmpty()) {
        FieldPath at = selector.get().path();
        report.wrong(
            selector.get().at(),
            at,
            "a policy is for Services, and none among the files in namespace "
                + name.namespace()
                + " selects instances with these labels");
      }
    }
    return targets;
  }

  /** The ports of what the policy is for, as far as they are known. */
  private List<Integer> targetPorts(List<Map<String, Object>> targets, String namespace) {
    return targets.stream()
        .flatMap(target ->
            services.ports(new ObjectName(namespace, String.valueOf(target.get("name")))).stream())
        .map(Services.Port::number)
        .toList();
  }
}
