package dev.weir.control.injector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
  private final List<String> told = new ArrayList<>();
  private final Manifests manifests = new Manifests(Injection.DEFAULT, told::add);

  private static int sidecars(String text) {
    return text.split("name: \"weir-sidecar\"", -1).length - 1;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{kind: Pod, metadata: {name: a}, spec: {containers: [{name: a}]}}",
        "{kind: Deployment, metadata: {name: a}, spec: {template: {spec: {containers: [{name: a}]}}}}",
        "{kind: CronJob, metadata: {name: a}, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}}}",
        "{kind: List, items: [{kind: Job, metadata: {name: a}, spec: {template: {spec: {containers: [{name: a}]}}}}, {kind: Service}]}",
      })
  void whatMakesPodsIsInjected(String resource) {
    assertEquals(1, sidecars(manifests.inject("a.yaml", resource)));
    assertEquals(List.of(), told);
  }

  @Test
  void whatMakesNoneStaysAndCommentsAloneAreNothing() {
    String result =
        manifests.inject("a.yaml", "# nothing\n---\nkind: Service\nmetadata: {name: a}\n---\n");
    assertEquals("---\nkind: \"Service\"\nmetadata:\n  name: \"a\"\n", result);
  }

  @Test
  void podThatGetsNoneIsSaid() {
    manifests.inject("a.yaml", "{kind: Pod, metadata: {name: a}, spec: {hostNetwork: true}}");
    assertEquals(
        List.of(
            "a.yaml: Pod a gets no sidecar: it is in the node's network, which no sidecar can take"
                + " over"),
        told);
  }

  @Test
  void whatIsNoResourceIsAnError() {
    IllegalArgumentException wrong =
        assertThrows(IllegalArgumentException.class, () -> manifests.inject("a.yaml", "a: ["));
    assertTrue(String.valueOf(wrong.getMessage()).startsWith("a.yaml is no YAML"));
    assertThrows(IllegalArgumentException.class, () -> manifests.inject("a.yaml", "- a"));
  }
}
