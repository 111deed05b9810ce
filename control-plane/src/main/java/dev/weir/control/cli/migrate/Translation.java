package dev.weir.control.cli.migrate;

import dev.weir.control.cli.migrate.istio.AuthorizationPolicies;
import dev.weir.control.cli.migrate.istio.DestinationRules;
import dev.weir.control.cli.migrate.istio.ExtensionProviders;
import dev.weir.control.cli.migrate.istio.VirtualServices;
import dev.weir.control.cli.migrate.linkerd.ServiceProfiles;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Problem;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The resources of some files, each translated by its kind. */
final class Translation {
  private static final Set<String> READ_BY_WEIR =
      Set.of(
          "v1",
          "discovery.k8s.io/v1",
          "gateway.networking.k8s.io/v1",
          "gateway.networking.k8s.io/v1beta1",
          "weir.dev/v1alpha1");
  private static final Set<String> KINDS_OF_CORE = Set.of("Service", "Endpoints", "EndpointSlice");

  private record Document(String apiVersion, String kind, ObjectName name, Mapping root) {
    String group() {
      int slash = apiVersion.indexOf('/');
      return slash < 0 ? "" : apiVersion.substring(0, slash);
    }
  }

  private final Report report = new Report();
  private final Output output = new Output();
  private final Services services = new Services(report);
  private final ExtensionProviders providers = new ExtensionProviders(services, report);
  private final List<Document> documents = new ArrayList<>();

  void read(String file, String text) {
    YamlFile yaml = YamlReader.read(file, text);
    for (Problem problem : yaml.problems()) {
      report.wrong(problem.at(), FieldPath.ROOT, problem.message());
    }
    yaml.documents().forEach(this::document);
  }

  private void document(YamlNode node) {
    if (!(node instanceof Mapping mapping)) {
      report.wrong(node.at(), FieldPath.ROOT, "expected a map, not " + node.describe());
      return;
    }
    String kind = text(mapping, "kind");
    if (kind.endsWith("List") && mapping.get("items").orElse(null) instanceof Sequence items) {
      items.items().forEach(this::document);
      return;
    }
    Mapping metadata = mapping.get("metadata").orElse(null) instanceof Mapping map ? map : mapping;
    String namespace = text(metadata, "namespace");
    Document document =
        new Document(
            text(mapping, "apiVersion"),
            kind,
            new ObjectName(namespace.isEmpty() ? "default" : namespace, text(metadata, "name")),
            mapping);
    documents.add(document);
    if (kind.equals("Service") && document.apiVersion.equals("v1")) {
      services.add(document.name, fields(document, "spec"));
    }
    if (kind.equals("ConfigMap") && document.apiVersion.equals("v1")) {
      providers.add(document.name, mapping);
    }
  }

  private static String text(Mapping mapping, String field) {
    return mapping.get(field).orElse(null) instanceof Scalar scalar ? scalar.text() : "";
  }

  private Fields fields(Document document, String part) {
    YamlNode node = document.root.get(part).orElse(null);
    Mapping mapping =
        node instanceof Mapping map ? map : new Mapping(document.root.at(), List.of());
    return new Fields(mapping, FieldPath.ROOT.field(part), report);
  }

  /** Of all files, once. */
  Report translate() {
    for (Document document : documents) {
      report.about(document.kind + " " + document.name);
      Fields spec = fields(document, "spec");
      switch (document.group() + " " + document.kind) {
        case "networking.istio.io VirtualService" -> {
          new VirtualServices(services, report, output).translate(document.name, spec);
          spec.reportUnread();
        }
        case "networking.istio.io DestinationRule" -> {
          new DestinationRules(services, report, output).translate(document.name, spec);
          spec.reportUnread();
        }
        case "security.istio.io AuthorizationPolicy" -> {
          new AuthorizationPolicies(services, providers, report, output)
              .translate(document.name, spec);
          spec.reportUnread();
        }
        case "linkerd.io ServiceProfile" -> {
          new ServiceProfiles(services, report, output)
              .translate(document.name, fields(document, "metadata"), spec);
          spec.reportUnread();
        }
        default -> other(document);
      }
    }
    return report;
  }

  private void other(Document document) {
    if (READ_BY_WEIR.contains(document.apiVersion)
        && (document.group().contains(".dev")
            || document.group().startsWith("gateway.")
            || KINDS_OF_CORE.contains(document.kind))) {
      output.add(document.root);
    } else if (document.group().endsWith("istio.io") || document.group().endsWith("linkerd.io")) {
      report.without(document.root.at(), FieldPath.ROOT, "this kind is not translated");
    }
  }

  String text() {
    return output.text();
  }
}
