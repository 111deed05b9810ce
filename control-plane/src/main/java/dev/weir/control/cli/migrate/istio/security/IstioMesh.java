package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Problem;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlReader;
import java.util.HashSet;
import java.util.Set;

/**
 * What holds for a mesh of Istio's as a whole: its ConfigMap {@code istio}, whose {@code data.mesh}
 * is a text of YAML. What is not among the files is as Istio has it where nobody says more.
 */
public final class IstioMesh {
  /** Istio's own word for the trust domain of whichever mesh reads it. */
  private static final String ANY_TRUST_DOMAIN = "cluster.local";

  private final Report report;
  private final ExtensionProviders providers;
  private final Set<String> trustDomains = new HashSet<>(Set.of(ANY_TRUST_DOMAIN));
  private String rootNamespace = "istio-system";

  public IstioMesh(Services services, Report report) {
    this.report = report;
    this.providers = new ExtensionProviders(services, report);
  }

  /** Takes what a ConfigMap says, if it is one of Istio's. */
  public void add(ObjectName name, Mapping configMap) {
    if (!(configMap.get("data").orElse(null) instanceof Mapping data)
        || !(data.get("mesh").orElse(null) instanceof Scalar mesh)) {
      return;
    }
    YamlFile yaml = YamlReader.read(mesh.at() + " (data.mesh)", mesh.text());
    report.about("ConfigMap " + name);
    for (Problem problem : yaml.problems()) {
      report.wrong(problem.at(), FieldPath.ROOT, problem.message());
    }
    for (YamlNode document : yaml.documents()) {
      if (document instanceof Mapping map) {
        Fields fields = new Fields(map, FieldPath.ROOT, report);
        fields.text("rootNamespace").ifPresent(namespace -> rootNamespace = namespace);
        fields.text("trustDomain").ifPresent(trustDomains::add);
        trustDomains.addAll(fields.texts("trustDomainAliases"));
        providers.add(name, fields);
      }
    }
  }

  /** The namespace whose policies are for the whole mesh. */
  String rootNamespace() {
    return rootNamespace;
  }

  /** Whether workloads of the mesh are of that trust domain. */
  boolean trusts(String trustDomain) {
    return trustDomains.contains(trustDomain);
  }

  ExtensionProviders providers() {
    return providers;
  }
}
