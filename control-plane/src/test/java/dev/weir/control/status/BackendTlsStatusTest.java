package dev.weir.control.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.server.PolicyReach.Reach;
import dev.weir.control.source.kubernetes.ConfigKind;
import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.control.source.kubernetes.KubernetesSource;
import dev.weir.control.source.reader.Finding;
import dev.weir.testkit.KubeApi;
import dev.weir.testkit.KubernetesPrograms;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of BackendTLSPolicies on a real API server with Gateway API's own CRD. */
@Tag("kubernetes")
class BackendTlsStatusTest {
  private static final ConfigKind KIND =
      ConfigKind.ALL.stream()
          .filter(one -> one.kind().equals("BackendTLSPolicy"))
          .findFirst()
          .orElseThrow();

  private static final String RESOURCES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: api}
      spec: {type: ExternalName, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: BackendTLSPolicy
      metadata: {name: api}
      spec:
        targetRefs: [{group: "", kind: Service, name: api}]
        validation: {hostname: api.example.com, wellKnownCACertificates: System}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: BackendTLSPolicy
      metadata: {name: without}
      spec:
        targetRefs: [{group: "", kind: Service, name: api, sectionName: http}]
        validation:
          hostname: api.example.com
          caCertificateRefs: [{group: "", kind: ConfigMap, name: gone}]
      """;

  @TempDir Path folder;

  private final List<String> told = Collections.synchronizedList(new ArrayList<>());

  private static void sayOfGateways(KubeApi api, int count) throws IOException {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      words.add(
          """
          {"controllerName": "example.com/gateway", "ancestorRef": {"name": "g%d"}, "conditions":
          [{"type": "Accepted", "status": "True", "reason": "Accepted", "message": "",
          "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
          """
              .formatted(i));
    }
    api.kubectl(
        "patch",
        "backendtlspolicy/api",
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\": {\"ancestors\": [" + String.join(", ", words) + "]}}");
  }

  /** Each entry's controller, with what it says. */
  private List<String> statusAfterAPass(KubeApi api, String name) throws IOException {
    try (KubernetesSource source =
        new KubernetesSource(
            KubernetesClients.of(Optional.of(api.kubeconfig()), Optional.empty()),
            Clock.systemUTC(),
            () -> {},
            pods -> {},
            told::add,
            mistake -> told.add(String.valueOf(mistake)))) {
      Linked linked = new Sources(List.of(source), Clock.systemUTC().getZone()).scan();
      Map<String, List<Finding>> findings =
          linked.findings().stream().collect(Collectors.groupingBy(Finding::resource));
      new StatusWriter(source.client(), "test", Clock.systemUTC(), told::add)
          .write(
              KIND,
              source.objects(KIND, source.looked()),
              new StatusWriter.Facts(
                  of -> (Collection<Finding>) findings.getOrDefault(of, List.of()),
                  of -> Reach.NONE,
                  of -> "",
                  of -> ""));
      return said(source.client(), name);
    }
  }

  private static List<String> said(KubernetesClient client, String name) {
    GenericKubernetesResource object =
        client
            .genericKubernetesResources(KIND.context())
            .inNamespace("default")
            .withName(name)
            .get();
    List<Map<String, Object>> ancestors = object.get("status", "ancestors");
    List<String> said = new ArrayList<>();
    for (Map<String, Object> ancestor : ancestors) {
      List<String> conditions = new ArrayList<>();
      for (Object one : (List<?>) ancestor.getOrDefault("conditions", List.of())) {
        Map<?, ?> condition = (Map<?, ?>) one;
        conditions.add(condition.get("type") + " " + condition.get("reason"));
      }
      said.add(ancestor.get("controllerName") + ": " + String.join(", ", conditions));
    }
    return said;
  }

  @Test
  void ownEntryStandsBesideThoseOfGatewaysWhileThereIsRoom() throws IOException {
    try (KubeApi api = KubeApi.start(folder)) {
      Path crds = KubernetesPrograms.find("gateway-crds");
      api.kubectl(
          "apply",
          "--server-side",
          "-f",
          crds.resolve("gateway.networking.k8s.io_backendtlspolicies.yaml").toString());
      api.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s");
      Path file = Files.writeString(folder.resolve("resources.yaml"), RESOURCES);
      api.kubectl("apply", "-f", file.toString());
      sayOfGateways(api, 1);
      String ours =
          "weir.dev/control-plane: Accepted Accepted, ResolvedRefs ResolvedRefs,"
              + " weir.dev/Programmed NoProxies";
      assertEquals(
          List.of("example.com/gateway: Accepted Accepted", ours), statusAfterAPass(api, "api"));
      assertEquals(
          List.of(
              "weir.dev/control-plane: Accepted NoValidCACertificate, ResolvedRefs"
                  + " InvalidCACertificateRef, weir.dev/Programmed NoProxies"),
          statusAfterAPass(api, "without"));
      sayOfGateways(api, 16);
      assertEquals(
          Collections.nCopies(16, "example.com/gateway: Accepted Accepted"),
          statusAfterAPass(api, "api"));
      assertEquals(List.of(), told);
    }
  }
}
