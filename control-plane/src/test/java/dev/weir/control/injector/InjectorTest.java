package dev.weir.control.injector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.zjsonpatch.JsonPatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.ObjectMapper;

class InjectorTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Injection BESIDE_ISTIO =
      Injection.read("injection.yaml", "besideIstio: true");

  private final Injector injector = new Injector(Injection.DEFAULT, () -> "secret");

  private static final String POD =
      """
      metadata:
        generateName: cart-
        labels: {app: cart, pod-template-hash: 7d9f, zz: last}
        annotations: {weir.dev/exclude-outbound-ports: "5432, 6379"}
        newer: field
      spec:
        newer: field
        initContainers: [{name: migrate, image: m}]
        containers:
        - name: app
          image: a
          newer: field
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: "/healthz?full=1", port: http}, periodSeconds: 3}
          livenessProbe: {grpc: {port: 9000}}
          startupProbe: {tcpSocket: {port: 8080}}
        - name: log
          image: l
          livenessProbe: {exec: {command: [true]}}
        volumes: [{name: data, emptyDir: {}}]
      """;

  @SuppressWarnings("unchecked")
  private static Map<String, Object> tree(String yaml) {
    return new KubernetesSerialization().unmarshal("---\n" + yaml, Map.class);
  }

  private Map<String, Object> injected(Map<String, Object> pod) {
    return switch (injector.inject(pod, Optional.of("enabled"))) {
      case Injector.Outcome.Injected(Map<String, Object> result) -> result;
      case Injector.Outcome.Already() -> fail("it has one");
      case Injector.Outcome.Left(String reason) -> fail(reason);
      case Injector.Outcome.Malformed(String problem) -> fail(problem);
    };
  }

  private static List<String> names(Map<String, Object> pod, String list) {
    return Tree.listOrEmpty(Tree.mapOrEmpty(pod, "spec"), list).stream()
        .map(each -> Tree.text(each, "name"))
        .toList();
  }

  private static Map<String, Object> container(Map<String, Object> pod, String list, String name) {
    return Tree.listOrEmpty(Tree.mapOrEmpty(pod, "spec"), list).stream()
        .filter(each -> Tree.text(each, "name").equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void besideIstioAPodSaysToItThatItTakesMutualTls() {
    Injector beside = new Injector(BESIDE_ISTIO, () -> "secret");
    Map<String, Object> pod =
        Map.of(
            "metadata", Map.of("labels", Map.of("app", "cart")),
            "spec", Map.of("containers", List.of(Map.of("name", "app", "image", "app"))));
    Injector.Outcome.Injected injected =
        assertInstanceOf(
            Injector.Outcome.Injected.class, beside.inject(pod, Optional.of("enabled")));
    assertEquals(
        Map.of("app", "cart", "security.istio.io/tlsMode", "istio"),
        Tree.map(Tree.map(injected.pod(), "metadata"), "labels"));
  }

  @Test
  void sidecarStandsBeforeAllThatCalls() {
    Map<String, Object> pod = injected(tree(POD));
    assertEquals(List.of("weir-init", "weir-sidecar", "migrate"), names(pod, "initContainers"));
    assertEquals(List.of("app", "log"), names(pod, "containers"));
    assertEquals(List.of("data", "weir-roots", "weir-token", "weir-run"), names(pod, "volumes"));
    assertTrue(
        Tree.text(container(pod, "initContainers", "weir-init"), "args")
            .contains("--exclude-outbound-port=5432,6379"));
  }

  @Test
  void classicSidecarIsAContainerBesideTheApps() {
    Injection classic =
        Injection.DEFAULT.with(
            "i", "Always", "cp:15012", "cluster.local", "edge", false, Injection.Interception.INIT);
    Map<String, Object> pod =
        assertInstanceOf(
                Injector.Outcome.Injected.class,
                new Injector(classic, () -> "secret").inject(tree(POD), Optional.of("enabled")))
            .pod();
    assertEquals(List.of("migrate", "weir-init"), names(pod, "initContainers"));
    assertEquals(List.of("weir-sidecar", "app", "log"), names(pod, "containers"));
    assertEquals(null, container(pod, "containers", "weir-sidecar").get("restartPolicy"));
  }

  /** What the init container would be told is told to the plugin, and nothing else changes. */
  @Test
  void pluginOfTheNodeTakesTheInitContainersPlace() {
    Injection cni = Injection.read("injection.yaml", "interception: Cni");
    Map<String, Object> pod =
        assertInstanceOf(
                Injector.Outcome.Injected.class,
                new Injector(cni, () -> "secret").inject(tree(POD), Optional.of("enabled")))
            .pod();
    assertEquals(
        "--user=1337 --family=dual --exclude-inbound-port=15020,15021,15100-15163"
            + " --exclude-outbound-port=5432,6379",
        annotation(pod));
    Map<String, Object> usual = injected(tree(POD));
    Tree.list(Tree.map(usual, "spec"), "initContainers").removeFirst();
    assertEquals(Tree.map(usual, "spec"), Tree.map(pod, "spec"));
  }

  private static String annotation(Map<String, Object> pod) {
    return Tree.text(Tree.map(Tree.map(pod, "metadata"), "annotations"), "weir.dev/intercept");
  }

  /** Who makes a pod does not choose what it is redirected by. */
  @Test
  void wordsForThePluginThatAPodBringsAreReplaced() {
    Injection cni = Injection.read("injection.yaml", "interception: Cni");
    Map<String, Object> pod =
        tree(
            "{metadata: {annotations: {weir.dev/intercept: --user=1}}, spec: {containers: [{name: a}]}}");
    Map<String, Object> injected =
        assertInstanceOf(
                Injector.Outcome.Injected.class,
                new Injector(cni, () -> "secret").inject(pod, Optional.of("enabled")))
            .pod();
    assertTrue(annotation(injected).startsWith("--user=1337 "), annotation(injected));
  }

  @Test
  void pluginWithoutANativeSidecarIsRefused() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> Injection.read("injection.yaml", "{interception: Cni, nativeSidecar: false}"));
    assertTrue(String.valueOf(refused.getMessage()).contains("needs a native sidecar"));
  }

  @Test
  void kubeletAsksTheSidecarInTheAppsPlace() {
    Map<String, Object> pod = injected(tree(POD));
    Map<String, Object> app = container(pod, "containers", "app");
    assertEquals(
        tree(
            "{httpGet: {path: \"/probe/secret/app/readinessProbe?full=1\", port: 15021}, periodSeconds: 3}"),
        app.get("readinessProbe"));
    assertEquals(tree("{grpc: {port: 15100}}"), app.get("livenessProbe"));
    assertEquals(tree("{tcpSocket: {port: 8080}}"), app.get("startupProbe"));
    String arguments = Tree.text(container(pod, "initContainers", "weir-sidecar"), "args");
    assertTrue(
        arguments.contains("--probe=http:8080:/healthz=secret/app/readinessProbe"), arguments);
    assertTrue(arguments.contains("--probe=grpc:9000=15100"), arguments);
  }

  @Test
  void toDoItTwiceIsToDoItOnce() {
    Map<String, Object> pod = injected(tree(POD));
    assertEquals(new Injector.Outcome.Already(), injector.inject(pod, Optional.of("enabled")));
  }

  /** What the webhook of somebody else adds behind ours. */
  private static final String ADDED =
      """
      - name: late
        image: l
        ports: [{name: health, containerPort: 7001}]
        readinessProbe: {httpGet: {path: /late, port: health, scheme: HTTPS}}
        livenessProbe: {grpc: {port: 7000}}
        lifecycle: {preStop: {httpGet: {path: "/stop=now", port: 7001}}}
      """;

  private static final String ADDED_BESIDE =
      """
      - name: beside
        image: b
        restartPolicy: Always
        startupProbe: {httpGet: {port: 7002}}
      """;

  private Map<String, Object> annotated(String annotations, String ports) {
    return injected(
        tree(
            "{metadata: {annotations: {%s}}, spec: {containers: [{name: a, ports: [%s]}]}}"
                .formatted(annotations, ports)));
  }

  private static String said(Map<String, Object> pod) {
    Map<String, Object> annotations = Tree.map(Tree.map(pod, "metadata"), "annotations");
    String arguments = Tree.text(container(pod, "initContainers", "weir-sidecar"), "args");
    int app = arguments.indexOf("--app-metrics=");
    return Tree.text(annotations, "prometheus.io/scrape")
        + " "
        + Tree.text(annotations, "prometheus.io/port")
        + Tree.text(annotations, "prometheus.io/path")
        + (app < 0 ? "" : " " + arguments.substring(app + 14, arguments.indexOf(']', app)));
  }

  /** Prometheus has no way to an app that takes mutual TLS alone. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                                          | containerPort: 8080 | true 15020/stats/prometheus",
        "scrape: 'true', port: '9090', path: /own   | containerPort: 8080 | true 15020/stats/prometheus 9090/own",
        "scrape: 'true', port: '9090', path: own    |                     | true 15020/stats/prometheus 9090/own",
        "scrape: 'true'                            | containerPort: 8080 | true 15020/stats/prometheus 8080/metrics",
        "scrape: 'true'                            |                     | true ",
        "scrape: 'true', port: http                | containerPort: 8080 | true http",
        "scrape: 'true', port: '70000'             |                     | true 70000",
        "scrape: 'true', port: '9090', scheme: https |                   | true 9090",
        "scrape: 'false', port: '9090'             | containerPort: 8080 | false 9090",
      })
  void metricsAreReadThroughTheSidecar(
      @Nullable String annotations, @Nullable String port, String become) {
    String all =
        annotations == null
            ? ""
            : annotations.replaceAll("(scrape|port|path|scheme):", "prometheus.io/$1:");
    assertEquals(
        become.strip(), said(annotated(all, port == null ? "" : "{" + port + "}")).strip());
  }

  private static void add(Map<String, Object> pod, String list, int at, String yaml) {
    Tree.list(Tree.map(pod, "spec"), list)
        .addAll(at, Tree.listOrEmpty(tree("all:\n" + yaml), "all"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "nativeSidecar: false", "interception: Cni"})
  void whatIsAddedLaterIsAsIfItHadBeenThere(String values) {
    Injector any = new Injector(Injection.read("injection.yaml", values), () -> "secret");
    Optional<String> enabled = Optional.of("enabled");
    Map<String, Object> whole = tree(POD);
    Map<String, Object> parts =
        assertInstanceOf(Injector.Outcome.Injected.class, any.inject(tree(POD), enabled)).pod();
    for (Map<String, Object> pod : List.of(whole, parts)) {
      add(pod, "containers", Tree.list(Tree.map(pod, "spec"), "containers").size(), ADDED);
      add(pod, "initContainers", 0, ADDED_BESIDE);
      add(
          pod,
          "initContainers",
          Tree.list(Tree.map(pod, "spec"), "initContainers").size(),
          "- {name: last, image: z}");
      Tree.map(Tree.map(pod, "metadata"), "annotations").put("weir.dev/exclude-inbound-ports", "7");
    }
    Map<String, Object> completed =
        assertInstanceOf(Injector.Outcome.Injected.class, any.inject(parts, enabled)).pod();
    assertEquals(
        assertInstanceOf(Injector.Outcome.Injected.class, any.inject(whole, enabled)).pod(),
        completed);
    assertEquals(new Injector.Outcome.Already(), any.inject(completed, enabled));
  }

  /** Ports for gRPC are by order, and those of what was there before may be other ones then. */
  @Test
  void whatIsAddedBeforeTheAppIsAsIfItHadBeenThere() {
    Map<String, Object> whole = tree(POD);
    Map<String, Object> parts = injected(tree(POD));
    add(whole, "containers", 0, ADDED);
    add(parts, "containers", 0, ADDED);
    assertEquals(Tree.map(injected(whole), "spec"), Tree.map(injected(parts), "spec"));
  }

  /** Or others that changed nothing would be asked again for it. */
  @Test
  void whatTheApiServerFillsInIsNothingThatIsMissing() {
    Map<String, Object> pod = tree(POD);
    add(pod, "containers", 2, ADDED);
    Map<String, Object> injected = injected(pod);
    for (Map<String, Object> container :
        Tree.listOrEmpty(Tree.map(injected, "spec"), "containers")) {
      for (Map<String, Object> probe : ProbeRewrite.probes(container).values()) {
        if (probe.get("httpGet") instanceof Map<?, ?>) {
          Tree.map(probe, "httpGet").putIfAbsent("scheme", "HTTP");
        }
      }
    }
    assertEquals(new Injector.Outcome.Already(), injector.inject(injected, Optional.of("enabled")));
  }

  /** One that is not ours in all is nobody's to complete but for what the kubelet asks. */
  @Test
  void sidecarWithoutArgumentsAndProbesStaysAsItIs() {
    assertEquals(
        new Injector.Outcome.Already(),
        injector.inject(
            tree("{spec: {containers: [{name: weir-sidecar}, {name: a}]}}"),
            Optional.of("enabled")));
  }

  /** A ReplicaSet whose pods lose their hash makes pods without end. */
  @Test
  void patchAddsWhatIsNewAndTouchesNothingElse() {
    Map<String, Object> pod = tree(POD);
    List<String> prepared = new ArrayList<>();
    Map<String, Object> response =
        new InjectionReview(injector, namespace -> Optional.of("enabled"), prepared::add)
            .of(Map.of("object", pod, "namespace", "shop"));
    String patch =
        new String(
            Base64.getDecoder().decode(Tree.text(response, "patch")), StandardCharsets.UTF_8);
    assertTrue(!patch.contains("labels") && !patch.contains("newer"), patch);
    assertEquals(
        JSON.valueToTree(injected(pod)),
        JsonPatch.apply(JSON.readTree(patch), JSON.valueToTree(pod)));
    assertEquals(List.of("shop"), prepared);
    assertEquals(tree(POD), pod);
  }

  @Test
  void nothingIsPreparedForADryRun() {
    List<String> prepared = new ArrayList<>();
    Map<String, Object> response =
        new InjectionReview(injector, namespace -> Optional.of("enabled"), prepared::add)
            .of(Map.of("object", tree(POD), "namespace", "shop", "dryRun", true));
    assertEquals(true, response.get("allowed"));
    assertEquals(List.of(), prepared);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "{metadata: {labels: {weir.dev/inject: disabled}}, spec: {containers: [{name: a}]}} | enabled  | its label weir.dev/inject says disabled",
        "{spec: {containers: [{name: a}]}}                                                  | disabled | the label weir.dev/inject of its namespace says disabled",
        "{spec: {os: {name: windows}, containers: [{name: a}]}}                             | enabled  | it runs on Windows, for which there is no sidecar",
        "{spec: {nodeSelector: {kubernetes.io/os: windows}, containers: [{name: a}]}}       | enabled  | it runs on Windows, for which there is no sidecar",
        "{metadata: {labels: {istio.io/dataplane-mode: ambient}}, spec: {containers: [{name: a}]}} | enabled  | it is in Istio's mesh: its label istio.io/dataplane-mode says ambient",
        "{spec: {containers: [{name: a}, {name: consul-dataplane}]}}                        | enabled  | it has the container consul-dataplane already",
        "{spec: {containers: [{name: a}]}}                                                  | none     | neither it nor its namespace has the label weir.dev/inject=enabled",
        "{spec: {hostNetwork: true, containers: [{name: a}]}}                               | enabled  | it is in the node's network, which no sidecar can take over",
        "{spec: {containers: [{name: a}, {name: istio-proxy}]}}                             | enabled  | it has the container istio-proxy already",
        "{spec: {initContainers: [{name: linkerd-proxy}], containers: [{name: a}]}}         | enabled  | it has the container linkerd-proxy already",
      })
  void podsThatAreNotMeantStayAsTheyAre(String pod, String label, String reason) {
    assertEquals(
        new Injector.Outcome.Left(reason), injector.inject(tree(pod), Optional.ofNullable(label)));
  }

  @Test
  void podsOwnLabelIsEnough() {
    assertInstanceOf(
        Injector.Outcome.Injected.class,
        injector.inject(
            tree(
                "{metadata: {labels: {weir.dev/inject: enabled}}, spec: {containers: [{name: a}]}}"),
            Optional.empty()));
  }

  private Map<String, Object> reviewed(Map<String, Object> pod) {
    return new InjectionReview(injector, namespace -> Optional.of("enabled"), namespace -> {})
        .of(Map.of("object", pod, "namespace", "shop"));
  }

  /** Its init container would fail time and again. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exclude-outbound-ports | 80,foo       | \"foo\" is not a port",
        "exclude-inbound-ports  | 70000        | ports go from 1 to 65535",
        "exclude-inbound-ports  | 80,,81       | \"\" is not a port",
        "exclude-outbound-cidrs | 10.0.0.0/40  | \"10.0.0.0/40\": the prefix length must be from 0 to 32",
        "exclude-inbound-cidrs  | db.shop      | \"db.shop\" is not an address range",
      })
  void podWithAnAnnotationThatIsNoneIsRefused(String name, String value, String problem) {
    Map<String, Object> pod =
        tree(
            "{metadata: {annotations: {weir.dev/%s: '%s'}}, spec: {containers: [{name: a}]}}"
                .formatted(name, value));
    Map<String, Object> response = reviewed(pod);
    assertEquals(false, response.get("allowed"));
    String message = Tree.text(Tree.map(response, "status"), "message");
    assertTrue(
        message.startsWith("weir: annotation weir.dev/" + name + ": ") && message.contains(problem),
        message);
  }

  @Test
  void exclusionsMayHaveBlanksAndACommaAtTheEnd() {
    Map<String, Object> pod =
        tree(
            "{metadata: {annotations: {weir.dev/exclude-outbound-cidrs: '::1/128, 10.0.0.0/8,',"
                + " weir.dev/exclude-inbound-ports: ','}}, spec: {containers: [{name: a}]}}");
    String arguments = Tree.text(container(injected(pod), "initContainers", "weir-init"), "args");
    assertTrue(arguments.endsWith(", --exclude-outbound-cidr=::1/128,10.0.0.0/8]"), arguments);
  }

  @Test
  void annotationsOfThePluginAreNoMoreThanItTakes() {
    Injector cni =
        new Injector(Injection.read("injection.yaml", "interception: Cni"), () -> "secret");
    Map<String, Object> pod =
        tree(
            "{metadata: {annotations: {weir.dev/exclude-inbound-ports: '"
                + "1,".repeat(3000)
                + "'}}, spec: {containers: [{name: a}]}}");
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> cni.inject(pod, Optional.of("enabled")));
    assertTrue(String.valueOf(refused.getMessage()).contains("takes 4096"), refused.getMessage());
  }

  /** The API server has the words for it. */
  @ParameterizedTest
  @ValueSource(strings = {"{}", "{containers: []}", "{containers: null}"})
  void podThatIsMalformedIsLeftToTheApiServer(String spec) {
    Map<String, Object> response = reviewed(tree("spec: " + spec));
    assertEquals(true, response.get("allowed"));
    assertEquals(null, response.get("patch"));
    assertTrue(Tree.text(response, "warnings").contains("spec.containers: "), response::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{metadata: {labels: {weir.dev/inject: 'false'}}, spec: {containers: [{name: a}]}}         | its label weir.dev/inject says \"false\", which is nothing to Weir: say enabled or disabled",
        "{metadata: {labels: {weir.dev/injct: enabled}}, spec: {containers: [{name: a}]}}          | label weir.dev/injct is not known, and is not read; did you mean \"weir.dev/inject\"?",
        "{metadata: {annotations: {weir.dev/inject: disabled}}, spec: {containers: [{name: a}]}}   | weir.dev/inject is a label, and is not read as an annotation",
        "{metadata: {annotations: {weir.dev/exclude-outbound-port: '80'}}, spec: {containers: [{name: a}]}} | annotation weir.dev/exclude-outbound-port is not known, and is not read; did you mean \"weir.dev/exclude-outbound-ports\"?",
        "{spec: {securityContext: {runAsUser: 1337}, containers: [{name: a}]}}                     | container a runs as user 1337, by which the sidecar's own calls are known",
        "{spec: {containers: [{name: a, securityContext: {runAsUser: 1337}}]}}                     | container a runs as user 1337, by which the sidecar's own calls are known",
        "{spec: {containers: [{name: a, ports: [{containerPort: 15021}]}]}}                        | port 15021 of container a is the sidecar's own",
        "{spec: {containers: [{name: a, ports: [{containerPort: 15006}]}]}}                        | port 15006 of container a is the sidecar's own",
      })
  void whatHasAnotherEffectThanOneMayThinkIsAWarning(String pod, String warning) {
    Map<String, Object> response = reviewed(tree(pod));
    assertEquals(true, response.get("allowed"));
    assertTrue(response.containsKey("patch"));
    String warnings = Tree.text(response, "warnings");
    assertTrue(warnings.startsWith("[weir: " + warning), warnings);
    assertEquals(2, warnings.split("weir: ", -1).length, warnings);
  }

  /** What the injector itself puts there is none of it. */
  @ParameterizedTest
  @ValueSource(strings = {"{}", "nativeSidecar: false", "interception: Cni"})
  void injectedPodHasNoWarning(String values) {
    Injector any = new Injector(Injection.read("injection.yaml", values), () -> "secret");
    Map<String, Object> pod =
        assertInstanceOf(
                Injector.Outcome.Injected.class, any.inject(tree(POD), Optional.of("enabled")))
            .pod();
    assertEquals(List.of(), PodWarnings.of(pod));
    assertEquals(
        List.of(),
        PodWarnings.of(
            tree(
                "{spec: {securityContext: {runAsUser: 1337}, containers: [{name: a,"
                    + " securityContext: {runAsUser: 1}, ports: [{containerPort: 15021, protocol:"
                    + " UDP}]}]}}")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{httpGet: {port: 99999, path: /}}",
        "{httpGet: {port: 0}}",
        "{httpGet: {port: -1}}",
        "{httpGet: {port: '8080'}}",
        "{httpGet: {port: 80.5}}",
        "{httpGet: {port: 8080, scheme: ftp}}",
        "{httpGet: {port: 8080, path: {a: b}}}",
        "{httpGet: {port: large}}",
        "{httpGet: foo}",
        "{grpc: {port: 99999}}",
      })
  void probeThatTheApiServerRefusesStaysAsItIs(String probe) {
    Map<String, Object> pod = tree("spec: {containers: [{name: a}]}");
    Map<String, Object> app = Tree.list(Tree.map(pod, "spec"), "containers").getFirst();
    app.put("ports", List.of(Map.of("name", "large", "containerPort", 70000)));
    app.put("livenessProbe", tree(probe));
    assertEquals(tree(probe), container(injected(pod), "containers", "a").get("livenessProbe"));
  }
}
