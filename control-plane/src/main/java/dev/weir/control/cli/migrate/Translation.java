package dev.weir.control.cli.migrate;

import dev.weir.control.cli.migrate.istio.IstioTranslation;
import dev.weir.control.cli.migrate.linkerd.LinkerdTranslation;
import dev.weir.control.cli.migrate.resource.Document;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
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

/** The resources of some files: those of other meshes translated, and Weir's own as they are. */
final class Translation {
  private static final Set<String> READ_BY_WEIR =
      Set.of(
          "v1",
          "discovery.k8s.io/v1",
          "gateway.networking.k8s.io/v1",
          "gateway.networking.k8s.io/v1beta1",
          "weir.dev/v1alpha1");
  private static final Set<String> KINDS_OF_CORE = Set.of("Service", "Endpoints", "EndpointSlice");

  private final Report report = new Report();
  private final Output output = new Output();
  private final Services services = new Services(report);
  private final List<Document> documents = new ArrayList<>();

  void read(String file, String text) {
    YamlFile yaml = YamlReader.read(file, text);
    for (Problem problem : yaml.problems()) {
      report.wrong(problem.at(), FieldPath.ROOT, problem.message());
    }
    if (yaml.documents().isEmpty() && yaml.problems().isEmpty()) {
      report.note(Location.of(file), FieldPath.ROOT, "is empty");
    }
    yaml.documents().forEach(this::document);
  }

  /** Once it is translated: nothing has come of it, and nothing is to be said of it. */
  boolean isNothing() {
    return report.complete()
        && output.text().isEmpty()
        && (documents.isEmpty() || report.findings().isEmpty());
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
    documents.add(
        new Document(
            text(mapping, "apiVersion"),
            kind,
            new ObjectName(namespace.isEmpty() ? "default" : namespace, text(metadata, "name")),
            mapping));
  }

  private static String text(Mapping mapping, String field) {
    return mapping.get(field).orElse(null) instanceof Scalar scalar ? scalar.text() : "";
  }

  /** Of all files, once. */
  Report translate() {
    IstioTranslation istio = new IstioTranslation(services, report, output);
    LinkerdTranslation linkerd = new LinkerdTranslation(services, report, output);
    List<Document> others = new ArrayList<>();
    for (Document document : documents) {
      report.about(document.kind() + " " + document.name());
      if (!linkerd.read(document)) {
        others.add(document);
        learn(document);
      }
    }
    others.stream()
        .filter(this::isReadByWeir)
        .forEach(document -> output.add(document.kind(), document.name(), document.root()));
    others.forEach(istio::read);
    for (Document document : others) {
      if (!istio.translates(document) && ofAnotherMesh(document)) {
        report.about(document.kind() + " " + document.name());
        report.without(document.root().at(), FieldPath.ROOT, "this kind is not translated");
      }
    }
    istio.translate();
    linkerd.translate();
    return report;
  }

  private static boolean ofAnotherMesh(Document document) {
    return document.group().endsWith("istio.io") || document.group().endsWith("linkerd.io");
  }

  private void learn(Document document) {
    if (document.is("", "Service")) {
      services.add(
          document.name(), document.fields("metadata", report), document.fields("spec", report));
    }
    services.addPods(document.kind(), document.name(), document.root());
  }

  /** What has ports by names is read too, where Services call these. */
  private boolean isReadByWeir(Document document) {
    return READ_BY_WEIR.contains(document.apiVersion())
            && (document.group().contains(".dev")
                || document.group().startsWith("gateway.")
                || KINDS_OF_CORE.contains(document.kind()))
        || (document.group().equals("apps") || document.is("", "Pod"))
            && services.hasNamesOfPorts(document.root());
  }

  String text() {
    return output.text();
  }
}
