package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.ProxyKind.ListenerPorts;
import dev.weir.control.compile.VirtualAddresses;
import dev.weir.control.link.Linked;
import dev.weir.control.link.Linker;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.DocumentReader;
import dev.weir.control.source.resource.Resource;
import dev.weir.control.workload.Pods;
import dev.weir.protos.yaml.YamlNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Meshes from the YAML people write, and proxies of them. */
public final class Meshes {
  /** What Weir's sidecar says that it takes. */
  public static final Set<String> WEIR_EXTENSIONS =
      Arrays.stream(Extension.values())
          .filter(extension -> extension != Extension.WORKLOAD_IDENTITY)
          .map(Extension::typeUrl)
          .collect(Collectors.toUnmodifiableSet());

  /** Of no cluster. */
  public static final Pods NO_PODS = new Pods(Pods.Changes.NONE, false);

  private Meshes() {}

  /** The mesh of resources that are all right. */
  public static Mesh of(List<YamlNode> documents) {
    List<Finding> findings = new ArrayList<>();
    DocumentReader reader = new DocumentReader(findings);
    List<Resource> resources = new ArrayList<>();
    documents.forEach(document -> resources.addAll(reader.read(document)));
    Linked linked = Linker.link(resources, Linked.NOTHING);
    findings.addAll(linked.findings());
    assertEquals(List.of(), findings);
    return of(linked.model());
  }

  public static Mesh of(MeshModel model) {
    return new Mesh(model, new VirtualAddresses().of(model.services().values()));
  }

  /** For a test of something else than mistakes of the program's own. */
  public static void mistaken(ObjectName service, RuntimeException mistake) {
    fail("of " + service, mistake);
  }

  public static Proxy weirSidecar(ObjectName service) {
    return new Proxy(
        "sidecar-1",
        service,
        Optional.of("10.0.0.1"),
        new ProxyKind(1337, ListenerPorts.DEFAULT, WEIR_EXTENSIONS));
  }

  /** One with a certificate of its own. */
  public static Proxy identified(ObjectName service) {
    Set<String> extensions = new HashSet<>(WEIR_EXTENSIONS);
    extensions.add(Extension.WORKLOAD_IDENTITY.typeUrl());
    return new Proxy(
        "sidecar-1",
        service,
        Optional.of("10.0.0.1"),
        new ProxyKind(1337, ListenerPorts.DEFAULT, extensions));
  }

  public static Proxy envoy(ObjectName service) {
    return new Proxy(
        "envoy-1",
        service,
        Optional.of("10.0.0.1"),
        new ProxyKind(0, ListenerPorts.DEFAULT, Set.of()));
  }
}
