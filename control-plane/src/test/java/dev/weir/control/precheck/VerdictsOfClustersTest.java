package dev.weir.control.precheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.cluster.Membership;
import dev.weir.control.model.ObjectName;
import dev.weir.control.precheck.Verdict.Level;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said of clusters that no test has. */
class VerdictsOfClustersTest {
  private static Node node(String name, String system, String architecture, String kernel) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewStatus()
        .withNewNodeInfo()
        .withOperatingSystem(system)
        .withArchitecture(architecture)
        .withKernelVersion(kernel)
        .endNodeInfo()
        .endStatus()
        .build();
  }

  private static Namespace namespace(String name, String level) {
    return new NamespaceBuilder()
        .withNewMetadata()
        .withName(name)
        .addToLabels("pod-security.kubernetes.io/enforce", level)
        .endMetadata()
        .build();
  }

  @Test
  void apiServerWithoutTheRulesThatTheKindsNeedIsAFailure() {
    assertEquals(Level.FAILURE, ApiServer.of("1", "30", "v1.30.9").level());
    assertEquals(Level.FAILURE, ApiServer.of("1", "27+", "v1.27.3-gke").level());
    assertEquals(Level.OK, ApiServer.of("1", "31+", "v1.31.0-eks").level());
    assertEquals(Level.OK, ApiServer.of("2", "0", "v2.0.0").level());
  }

  private static Namespace labelled(String name, String word) {
    return new NamespaceBuilder()
        .withNewMetadata()
        .withName(name)
        .addToLabels("weir.dev/inject", word)
        .endMetadata()
        .build();
  }

  @Test
  void labelThatMatchesNoWebhookIsAWarning() {
    assertEquals(
        List.of(
            Verdict.warning(
                "namespace shop",
                "its label weir.dev/inject says \"true\", which is nothing to Weir: its pods get no"
                    + " sidecar; kubectl label namespace shop weir.dev/inject=enabled --overwrite, or"
                    + " =disabled")),
        NamespaceLabels.of(
            List.of(
                labelled("shop", "true"), labelled("a", "enabled"), labelled("b", "disabled"))));
  }

  @Test
  void podsThatAreToBeStartedAgainAreCounted() {
    ObjectName cart = new ObjectName("shop", "cart-0");
    assertEquals(
        List.of(
            Verdict.warning(
                "sidecars",
                "1 pods are to have one and have none (shop/cart-0 is one); weir status has their names:"
                    + " start them again"),
            Verdict.warning(
                "sidecars",
                "1 are not as they are injected now (that of shop/cart-0 is a, not b); they"
                    + " work on until their pods are started again")),
        Sidecars.of(
            new Membership(
                List.of(
                    new Membership.Bare(cart, Optional.empty()),
                    new Membership.Bare(cart, Optional.of("it says so"))),
                List.of(new Membership.Old(cart, "a", "b")),
                List.of())));
    assertEquals(
        Level.OK, Sidecars.of(new Membership(List.of(), List.of(), List.of())).getFirst().level());
  }

  @Test
  void nodeThatCannotRunASidecarIsNamed() {
    List<Verdict> verdicts =
        Networks.of(
            List.of(
                node("one", "linux", "amd64", "6.1.0-17"),
                node("two", "linux", "arm64", "5.2.0"),
                node("windows", "windows", "amd64", "10.0.20348"),
                node("old", "linux", "amd64", "4.18.0-553.el8"),
                node("other", "linux", "s390x", "6.1.0")));
    assertEquals("1 x linux amd64, 1 x linux arm64", verdicts.getFirst().text());
    assertEquals(
        List.of("nodes", "node windows", "node old", "node other"),
        verdicts.stream().map(Verdict::subject).toList());
    assertTrue(verdicts.stream().noneMatch(one -> one.level() == Level.FAILURE));
  }

  @Test
  void clusterWithoutANodeForSidecarsIsAFailure() {
    assertEquals(
        Level.FAILURE,
        Networks.of(List.of(node("windows", "windows", "amd64", "10"))).getLast().level());
    assertEquals(Level.FAILURE, Networks.of(List.of()).getFirst().level());
  }

  @Test
  void namespaceThatRefusesTheInitContainerIsAFailureWithTheWayOut() {
    List<Verdict> verdicts =
        PodSecurity.withInitContainer(
            List.of(namespace("shop", "restricted"), namespace("free", "privileged")));
    assertEquals(1, verdicts.size());
    assertEquals(Level.FAILURE, verdicts.getFirst().level());
    assertEquals("namespace shop", verdicts.getFirst().subject());
    assertTrue(verdicts.getFirst().text().contains("cni.enabled=true"));
    assertTrue(verdicts.getFirst().text().contains("enforce=privileged"));
    assertEquals(
        Level.OK,
        PodSecurity.withInitContainer(List.of(namespace("free", "privileged"))).getFirst().level());
  }

  @Test
  void withThePluginOnlyWeirsOwnNamespaceCanRefuse() {
    assertEquals(Level.OK, PodSecurity.withPlugin(Optional.empty()).level());
    assertEquals(
        Level.OK,
        PodSecurity.withPlugin(Optional.of(namespace("weir-system", "privileged"))).level());
    Verdict refused = PodSecurity.withPlugin(Optional.of(namespace("weir-system", "restricted")));
    assertEquals(Level.FAILURE, refused.level());
    assertEquals("namespace weir-system", refused.subject());
  }

  @Test
  void namespaceOfARevisionThatNobodyInstalledIsAFailure() {
    Namespace shop =
        new NamespaceBuilder()
            .withNewMetadata()
            .withName("shop")
            .addToLabels("weir.dev/rev", "canry")
            .endMetadata()
            .build();
    Verdict verdict = Revisions.of(List.of(shop), Set.of("canary")).getFirst();
    assertEquals(Level.FAILURE, verdict.level());
    assertTrue(
        verdict.text().endsWith("say canary, or kubectl label namespace shop weir.dev/rev-"),
        verdict.text());
    assertEquals(Level.OK, Revisions.of(List.of(shop), Set.of("canry")).getFirst().level());
    assertEquals(List.of(), Revisions.of(List.of(), Set.of()));
  }

  @Test
  void anotherMeshIsAWarning() {
    Verdict verdict =
        OtherWebhooks.of(List.of("cert-manager", "istio-sidecar-injector")).getFirst();
    assertEquals(Level.WARNING, verdict.level());
    assertTrue(verdict.text().startsWith("Istio"), verdict.text());
    assertEquals(Level.OK, OtherWebhooks.of(List.of("weir-injector")).getFirst().level());
  }
}
