package dev.weir.control.injector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
  private final List<String> told = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private final Manifests manifests = new Manifests(Injection.DEFAULT, told::add, wrong::add);

  private static int sidecars(String text) {
    return text.split("name: weir-sidecar\\n", -1).length - 1;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a}]}}",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {containers: [{name: a}]}}}}",
        "{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}}}",
        "{apiVersion: v1, kind: List, items: [{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {spec: {containers: [{name: a}]}}}}, {apiVersion: v1, kind: Service}]}",
      })
  void whatMakesPodsIsInjected(String resource) {
    assertEquals(1, sidecars(manifests.inject("a.yaml", resource)));
    assertEquals(List.of(), told);
    assertEquals(List.of(), wrong);
  }

  @Test
  void whatMakesNoneStaysAndCommentsAloneAreNothing() {
    String result =
        manifests.inject(
            "a.yaml", "# nothing\n---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n");
    assertEquals("---\napiVersion: v1\nkind: Service\nmetadata:\n  name: a\n", result);
  }

  @Test
  void podThatGetsNoneIsSaid() {
    manifests.inject(
        "a.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostNetwork: true}}");
    assertEquals(
        List.of(
            "a.yaml:1: Pod a gets no sidecar: it is in the node's network, which no sidecar can take"
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
    manifests.inject(
        "a.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostNetwork: yes}}");
    assertEquals(1, told.size(), told::toString);
  }

  @Test
  void directivesAnchorsAndMarksOfTheFileAreRead() {
    String result =
        manifests.inject(
            "a.yaml",
            """
            \uFEFF%YAML 1.2
            ---
            apiVersion: v1
            kind: Service\r
            one: &x {a: b}\r
            two: *x
            ...
            %YAML 1.1
            ---
            apiVersion: v1
            kind: Service
            """);
    assertEquals(
        "---\napiVersion: v1\nkind: Service\none:\n  a: b\ntwo:\n  a: b\n---\napiVersion: v1\nkind: Service\n",
        result);
  }

  /** Which {@code weir check} refuses too, and the API server where it stands. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: [                                | a.yaml:1: not valid YAML",
        "{kind: Pod, spec: {}, spec: {}}     | a.yaml:1: the key \"spec\" is already on line 1",
        "{x: &x {a: b}, y: {<<: *x}}         | a.yaml:1: merge keys (<<) are not read",
        "- 1                                 | a.yaml:1: expected a resource, not a list",
        "kind: Pod                           | a.yaml:1: is no resource: it has no apiVersion",
        "apiVersion: v1                      | a.yaml:1: is no resource: it has no kind",
        "{apiVersion: v1, kind: List, items} | a.yaml:1: items: missing",
      })
  void whatIsNoResourceIsSaid(String text, String said) {
    manifests.inject("a.yaml", text);
    assertEquals(1, wrong.size(), wrong::toString);
    assertTrue(wrong.getFirst().startsWith(said), wrong::toString);
  }

  /** For the API server to refuse. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v1 Pod          | spec: {}                            | spec.containers: missing",
        "v1 Pod          | spec: {containers: null}            | spec.containers: missing",
        "v1 Pod          | spec: {containers: []}              | spec.containers: there is none",
        "v1 Pod          | spec: {containers: foo}             | spec.containers: expected a list, not foo",
        "v1 Pod          | spec: {containers: [foo]}           | spec.containers[0]: expected a map, not foo",
        "v1 Pod          | spec: {containers: [{}], volumes: x} | spec.volumes: expected a list, not x",
        "v1 Pod          | {}                                  | spec: missing",
        "apps/v1 Deployment | {}                               | spec: missing",
        "apps/v1 Deployment | spec: {}                         | spec.template: missing",
        "apps/v1 Deployment | spec: {template: foo}            | spec.template: expected a map, not foo",
        "apps/v1 Deployment | spec: {template: {}}             | spec.template.spec: missing",
        "apps/v1 Deployment | spec: {template: {metadata: x, spec: {containers: [{}]}}} | spec.template.metadata: expected a map, not x",
      })
  void whatIsMalformedStaysAsItIsAndCostsNothingElse(String kind, String body, String problem) {
    String malformed =
        "apiVersion: %s\nkind: %s\nmetadata:\n  name: bad\n"
            .formatted(kind.split(" ")[0], kind.split(" ")[1]);
    String text = malformed + (body.equals("{}") ? "" : body + "\n") + "---\n" + POD;
    String result = manifests.inject("a.yaml", text);
    assertEquals(
        List.of(
            "a.yaml:1: %s bad gets no sidecar, and is left to the API server to refuse: %s"
                .formatted(kind.split(" ")[1], problem)),
        wrong);
    assertTrue(result.startsWith("---\n" + malformed), result);
    assertEquals(1, sidecars(result));
  }

  private static final String POD =
      "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a}]}}\n";

  @Test
  void itemsOfAListThatAreNoneStayAsTheyAre() {
    String result =
        manifests.inject(
            "a.yaml", "{apiVersion: v1, kind: List, items: [1, " + POD.strip() + ", null]}");
    assertEquals(
        List.of("a.yaml:1: items[0]: expected a resource, not 1", "a.yaml:1: items[2]: missing"),
        wrong);
    assertTrue(result.startsWith("---\napiVersion: v1\nkind: List\nitems:\n- 1\n- api"), result);
    assertEquals(1, sidecars(result));
  }

  /** It would run past the mesh. */
  @Test
  void whatHasAWrongAnnotationIsLeftOut() {
    String text =
        POD.replace(
            "name: a}, spec",
            "name: bad, annotations: {weir.dev/exclude-outbound-ports: '80,foo'}}, spec");
    assertEquals("", manifests.inject("a.yaml", text));
    assertEquals(
        List.of(
            "a.yaml:1: Pod bad is left out: annotation weir.dev/exclude-outbound-ports: \"foo\" is"
                + " not a port or ports, as 22 or 9000-9010; several are parted by commas"),
        wrong);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{apiVersion: batch.volcano.sh/v1alpha1, kind: Job, metadata: {name: a}, spec: {tasks: []}}",
        "{apiVersion: serving.knative.dev/v1, kind: Deployment, metadata: {name: a}, spec: {}}",
        "{apiVersion: example.com/v1, kind: List, spec: {}}",
      })
  void kindsOfOthersWithTheSameNameStayAsTheyAre(String resource) {
    assertEquals(0, sidecars(manifests.inject("a.yaml", resource)));
    assertEquals(List.of(), wrong);
    assertEquals(List.of(), told);
  }

  @Test
  void podsOfAnUnknownKindAreSaid() {
    manifests.inject(
        "a.yaml",
        "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: a}, spec: {template:"
            + " {spec: {containers: [{name: a}]}}}}");
    assertEquals(List.of(), wrong);
    assertEquals(1, told.size());
    assertTrue(told.getFirst().startsWith("a.yaml:1: Rollout a stays as it is"), told::toString);
  }

  @Test
  void namespaceBesideThemMayLeaveItsPodsOut() {
    String result =
        manifests.inject(
            "a.yaml",
            POD.replace("name: a}, spec", "name: b, namespace: off}, spec")
                + "---\n"
                + POD
                + "---\n{apiVersion: v1, kind: Namespace, metadata: {name: off, labels:"
                + " {weir.dev/inject: disabled}}}\n");
    assertEquals(1, sidecars(result));
    assertEquals(
        List.of(
            "a.yaml:1: Pod b gets no sidecar: the label weir.dev/inject of its namespace says"
                + " disabled"),
        told);
  }

  @Test
  void namespacesOwnWordThatIsNoneIsSaid() {
    manifests.inject(
        "a.yaml",
        "{apiVersion: v1, kind: Namespace, metadata: {name: odd, labels: {weir.dev/inject: 'true'}}}");
    assertEquals(
        List.of(
            "a.yaml:1: Namespace odd: its label weir.dev/inject says \"true\", which is nothing to"
                + " Weir: say enabled or disabled"),
        told);
  }
}
