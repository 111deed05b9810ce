package dev.weir.control.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.model.ObjectName;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final Map<String, String> LABELS = Map.of("shop", "enabled", "old", "disabled");
  private static final Map<String, String> IMAGES =
      Map.of("cp:15012", "weir-sidecar:0.2.0", "next:15012", "weir-sidecar:0.3.0");

  private static final String MESHED =
      """
      {metadata: {name: %s, namespace: %s, annotations: {weir.dev/injected: "weir-sidecar:%s"}},
       spec: {initContainers: [{name: weir-sidecar, image: "mirror/weir-sidecar:1", args: [pod, "--control-plane=%s"]}], containers: [{name: app}]}}
      """;

  private static Membership of(String... pods) {
    KubernetesSerialization yaml = new KubernetesSerialization();
    return Membership.of(
        Arrays.stream(pods).map(pod -> yaml.unmarshal("---\n" + pod, Pod.class)).toList(),
        LABELS,
        IMAGES,
        List.of());
  }

  private static Membership.Bare bare(String namespace, String name, String reason) {
    return new Membership.Bare(
        new ObjectName(namespace, name), Optional.of(reason).filter(text -> !text.isEmpty()));
  }

  @Test
  void podThatIsToHaveASidecarAndHasNoneIsMissing() {
    Membership members =
        of(
            "{metadata: {name: b, namespace: shop}, spec: {containers: [{name: app}]}}",
            "{metadata: {name: a, namespace: pay, labels: {weir.dev/inject: enabled}}, spec: {containers: [{name: app}]}}",
            "{metadata: {name: c, namespace: pay}, spec: {containers: [{name: app}]}}",
            "{metadata: {name: d, namespace: old}, spec: {containers: [{name: app}]}}",
            "{metadata: {name: ends, namespace: shop, deletionTimestamp: '2026-01-01T00:00:00Z'}, spec: {containers: [{name: app}]}}",
            "{metadata: {name: dns, namespace: kube-system, labels: {weir.dev/inject: enabled}}, spec: {containers: [{name: app}]}}");
    assertEquals(List.of(bare("pay", "a", ""), bare("shop", "b", "")), members.bare());
    assertFalse(members.well());
  }

  @Test
  void podThatIsLeftOutSaysWhyAndIsNoFault() {
    Membership members =
        of(
            "{metadata: {name: db, namespace: shop, labels: {weir.dev/inject: disabled}}, spec: {containers: [{name: app}]}}",
            "{metadata: {name: node, namespace: shop}, spec: {hostNetwork: true, containers: [{name: app}]}}");
    assertEquals(
        List.of(
            bare("shop", "db", "its label weir.dev/inject says disabled"),
            bare("shop", "node", "it is in the node's network, which no sidecar can take over")),
        members.bare());
    assertTrue(members.well());
  }

  /** By weir inject, of a namespace without a label: others may call past what these have. */
  @Test
  void namespaceThatHasSidecarsIsOfTheMesh() {
    assertEquals(
        List.of(
            bare("pay", "b", "neither it nor its namespace has the label weir.dev/inject=enabled")),
        of(
                MESHED.formatted("a", "pay", "0.2.0", "cp:15012"),
                "{metadata: {name: b, namespace: pay}, spec: {containers: [{name: app}]}}")
            .bare());
  }

  @Test
  void sidecarOfAnotherImageThanItsInstallationInjectsIsOld() {
    assertEquals(
        List.of(
            new Membership.Old(
                new ObjectName("shop", "a"), "weir-sidecar:0.1.0", "weir-sidecar:0.2.0"),
            new Membership.Old(
                new ObjectName("shop", "d"), "weir-sidecar:0.2.0", "weir-sidecar:0.3.0")),
        of(
                MESHED.formatted("a", "shop", "0.1.0", "cp:15012"),
                MESHED.formatted("b", "shop", "0.2.0", "cp:15012"),
                MESHED.formatted("c", "shop", "0.3.0", "next:15012"),
                MESHED.formatted("d", "shop", "0.2.0", "next:15012"),
                MESHED.formatted("e", "shop", "0.1.0", "elsewhere:15012"))
            .old());
  }
}
