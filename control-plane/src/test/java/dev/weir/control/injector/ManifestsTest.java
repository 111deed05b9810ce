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
    return text.split("name: weir-sidecar\\n", -1).length - 1;
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
    assertEquals("---\nkind: Service\nmetadata:\n  name: a\n", result);
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

  /** Or the API server refuses what kubectl would have it take. */
  @Test
  void plainScalarsAreWhatTheyAreToKubectl() {
    String result =
        manifests.inject(
            "a.yaml",
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a}
            mode: 0755
            also: 0o17
            flags: [yes, off, y, True]
            nothing: ~
            large: 12345678901234567890
            share: 1.10
            texts: ["0755", 'yes', "1e3", "null", 2024-01-01, "1_000", "12:30:45", "", "=", ".5"]
            """);
    assertEquals(
        """
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: a
        mode: 493
        also: 15
        flags:
        - true
        - false
        - true
        - true
        nothing: null
        large: 12345678901234567890
        share: 1.10
        texts:
        - "0755"
        - "yes"
        - "1e3"
        - "null"
        - "2024-01-01"
        - "1_000"
        - "12:30:45"
        - ""
        - "="
        - ".5"
        """,
        result);
  }

  @Test
  void hostNetworkMayBeWrittenAsYes() {
    manifests.inject("a.yaml", "{kind: Pod, metadata: {name: a}, spec: {hostNetwork: yes}}");
    assertEquals(1, told.size(), told::toString);
  }

  @Test
  void directivesAnchorsAndMarksOfTheFileAreRead() {
    String result =
        manifests.inject(
            "a.yaml",
            "\uFEFF%YAML 1.2\n---\nkind: Service\r\none: &x {a: b}\r\ntwo: *x\n...\n%YAML 1.1\n"
                + "---\nkind: Service\n");
    assertEquals(
        "---\nkind: Service\none:\n  a: b\ntwo:\n  a: b\n---\nkind: Service\n", result);
  }

  /** Which {@code weir check} refuses too, and the API server where it stands. */
  @Test
  void whatIsNotPlainYamlForAllIsAnErrorWithItsLine() {
    IllegalArgumentException wrong =
        assertThrows(
            IllegalArgumentException.class,
            () -> manifests.inject("a.yaml", "kind: Pod\nspec: {}\nspec: {}\n"));
    assertEquals(
        "a.yaml:3: the key \"spec\" is already on line 2", String.valueOf(wrong.getMessage()));
  }

  @Test
  void whatIsNoResourceIsAnError() {
    IllegalArgumentException wrong =
        assertThrows(IllegalArgumentException.class, () -> manifests.inject("a.yaml", "a: ["));
    assertTrue(String.valueOf(wrong.getMessage()).startsWith("a.yaml:1: not valid YAML"));
    assertThrows(IllegalArgumentException.class, () -> manifests.inject("a.yaml", "- a"));
  }
}
