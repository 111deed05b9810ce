package dev.weir.control.precheck;

import dev.weir.control.source.kubernetes.ConfigKind;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The kinds that a mesh reads, and that are not Kubernetes' own. */
final class CustomResources {
  private static final String BUNDLE = "gateway.networking.k8s.io/bundle-version";
  private static final String CHANNEL = "gateway.networking.k8s.io/channel";

  private CustomResources() {}

  static List<Verdict> ofWeir(KubernetesClient client) {
    List<ConfigKind> kinds =
        ConfigKind.ALL.stream().filter(kind -> kind.group().equals("weir.dev")).toList();
    List<String> missing = new ArrayList<>();
    List<String> old = new ArrayList<>();
    for (ConfigKind kind : kinds) {
      CustomResourceDefinition crd = definition(client, kind);
      if (crd == null) {
        missing.add(kind.kind());
      } else if (!isServed(crd, kind.version())) {
        old.add(kind.kind());
      }
    }
    if (!old.isEmpty()) {
      return List.of(
          Verdict.failure(
              "Weir's kinds",
              "%s not served as %s; helm upgrade weir-crds charts/weir-crds"
                  .formatted(String.join(", ", old), kinds.getFirst().version())));
    }
    if (missing.size() == kinds.size()) {
      return List.of(
          Verdict.ok(
              "Weir's kinds", "none there yet; helm install weir-crds charts/weir-crds first"));
    }
    return List.of(
        missing.isEmpty()
            ? Verdict.ok("Weir's kinds", "all there, " + kinds.getFirst().version())
            : Verdict.warning(
                "Weir's kinds",
                "there is no "
                    + String.join(", ", missing)
                    + "; helm upgrade weir-crds charts/weir-crds"));
  }

  static List<Verdict> ofGatewayApi(KubernetesClient client) {
    List<Verdict> verdicts = new ArrayList<>();
    for (ConfigKind kind : ConfigKind.ALL) {
      if (!kind.isRoute()) {
        continue;
      }
      CustomResourceDefinition crd = definition(client, kind);
      if (crd == null) {
        verdicts.add(
            Verdict.warning(
                kind.kind(),
                "not installed: there are no such routes; policies hold all the same. It is part of"
                    + " Gateway API, which is installed apart"));
      } else if (!isServed(crd, kind.version())) {
        verdicts.add(
            Verdict.warning(
                kind.kind(),
                "not served as %s (%s); upgrade Gateway API"
                    .formatted(kind.version(), bundle(crd))));
      } else {
        verdicts.add(Verdict.ok(kind.kind(), kind.version() + ", " + bundle(crd)));
      }
    }
    return verdicts;
  }

  private static String bundle(CustomResourceDefinition crd) {
    Map<String, String> annotations =
        Objects.requireNonNullElse(crd.getMetadata().getAnnotations(), Map.of());
    String version = annotations.getOrDefault(BUNDLE, "");
    String channel = annotations.getOrDefault(CHANNEL, "");
    return version.isEmpty()
        ? "of a Gateway API that does not say its version"
        : "Gateway API " + version + (channel.isEmpty() ? "" : ", " + channel);
  }

  @SuppressWarnings("NullAway") // the client gives null for what is not there
  private static @org.jspecify.annotations.Nullable CustomResourceDefinition definition(
      KubernetesClient client, ConfigKind kind) {
    return client
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName(kind.plural() + "." + kind.group())
        .get();
  }

  private static boolean isServed(CustomResourceDefinition crd, String version) {
    return crd.getSpec().getVersions().stream()
        .filter(one -> Boolean.TRUE.equals(one.getServed()))
        .map(CustomResourceDefinitionVersion::getName)
        .anyMatch(version::equals);
  }
}
