package dev.weir.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Golden;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.KubeApi;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands about a cluster, against a real API server. There is no kubelet: what is asked of
 * pods is tried where there is one, in e2e/kubernetes.
 */
@Tag("kubernetes")
class ClusterCommandsTest {
  private static final String SPACE = "commands";
  private static final String OBJECTS =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: commands, labels: {weir.dev/inject: enabled, pod-security.kubernetes.io/enforce: baseline}}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: weir-system}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: nobody, namespace: commands}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: credentials, namespace: commands}
      stringData: {password: HUSHHUSH}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: commands, annotations: {note: "-----BEGIN PRIVATE KEY-----HUSHHUSH-----END PRIVATE KEY-----"}}
      spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: web}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: cart-0, namespace: commands, labels: {app: cart, weir.dev/inject: disabled}}
      spec:
        serviceAccountName: nobody
        containers: [{name: app, image: app, ports: [{name: web, containerPort: 8080}], env: [{name: TOKEN, value: HUSHHUSH}]}]
      ---
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: cart, namespace: commands}
      spec: {targetRefs: [{group: "", kind: Service, name: cart}], timeouts: {request: 2s}}
      ---
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: lost, namespace: commands}
      spec: {targetRefs: [{group: "", kind: Service, name: crt}], timeouts: {request: 2s}}
      """;

  @TempDir Path folder;

  private final KubeApi api = KubeApi.shared();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** One of the programs. */
  private interface Command {
    int run(String[] words, PrintStream out, PrintStream err);
  }

  @BeforeEach
  void apply() throws IOException {
    api.kubectl(
        "apply",
        "--server-side",
        "-f",
        Golden.REPOSITORY.resolve("charts/weir-crds/templates").toString());
    api.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s");
    Path file = Files.writeString(folder.resolve("objects.yaml"), OBJECTS);
    api.kubectl("apply", "--server-side", "--force-conflicts", "-f", file.toString());
  }

  @AfterEach
  void delete() throws IOException {
    api.kubectl("-n", SPACE, "delete", "pod", "--all", "--grace-period=0", "--force");
    api.kubectl(
        "-n", SPACE, "delete", "resiliencepolicies,services,secrets,endpointslices", "--all");
  }

  private static int check(String[] words, PrintStream out, PrintStream err) {
    return Check.run(words, Map.of(), InputStream.nullInputStream(), out, err);
  }

  private int run(Command command, Path kubeconfig, String... words) {
    out.reset();
    err.reset();
    List<String> all = new ArrayList<>(List.of("--kubeconfig", kubeconfig.toString()));
    all.addAll(Arrays.asList(words));
    return command.run(
        all.toArray(String[]::new),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private int run(Command command, String... words) {
    return run(command, api.kubeconfig(), words);
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** A kubeconfig of the same server for somebody else, or of another server. */
  private Path kubeconfig(String url, String token) throws IOException {
    return Files.writeString(
        Files.createTempFile(folder, "kubeconfig", ""),
        Files.readString(api.kubeconfig()).replace(api.url(), url).replace(api.token(), token));
  }

  private Path nobodys() throws IOException {
    return kubeconfig(api.url(), api.kubectl("-n", SPACE, "create", "token", "nobody").strip());
  }

  @Test
  void checkSaysOfAClusterWhatItSaysOfFiles() {
    assertEquals(1, run(ClusterCommandsTest::check, "-n", SPACE));
    assertTrue(
        said()
            .contains(
                "ResiliencePolicy commands/lost: spec.targetRefs[0].name: Service commands/crt does"
                    + " not exist; did you mean \"cart\"?"),
        this::said);
  }

  @Test
  void checkNamesInstancesThatNoSidecarProtects() throws IOException {
    Path slice =
        Files.writeString(
            folder.resolve("slice.yaml"),
            """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: cart-1, namespace: commands, labels: {kubernetes.io/service-name: cart}}
            addressType: IPv4
            ports: [{name: http, port: 8080, protocol: TCP}]
            endpoints: [{addresses: [10.244.0.9], conditions: {ready: true}}]
            """);
    api.kubectl("apply", "-f", slice.toString());
    Path file =
        Files.writeString(
            folder.resolve("strict.yaml"),
            """
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: strict, namespace: commands}
            spec: {targetRefs: [{group: "", kind: Namespace, name: commands}], mtls: {mode: Strict}}
            """);
    assertEquals(0, run(ClusterCommandsTest::check, file.toString()), this::said);
    assertTrue(
        said()
            .contains(
                "warning: AuthenticationPolicy commands/strict: no sidecar enforces it for 1 of 1"
                    + " instances of commands/cart: 10.244.0.9"),
        this::said);
  }

  @Test
  void checkOfFilesAndAClusterSaysWhatTheFilesWouldBringAbout() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: cart, namespace: commands}
            spec: {targetRefs: [{group: "", kind: Service, name: cart, sectionName: web}], timeouts: {request: 1s}}
            """);
    assertEquals(1, run(ClusterCommandsTest::check, file.toString()));
    assertTrue(
        said()
            .startsWith(
                file + ":4: ResiliencePolicy commands/cart: spec.targetRefs[0].sectionName"),
        this::said);
    assertFalse(said().contains("commands/lost"), this::said);
    Files.writeString(
        file, Files.readString(file).replace("sectionName: web", "sectionName: http"));
    assertEquals(0, run(ClusterCommandsTest::check, file.toString()), this::said);
  }

  @Test
  void describeHasPoliciesAndPods() {
    assertEquals(0, run(Describe::run, "-n", SPACE, "cart"), this::complained);
    assertTrue(
        said()
            .contains(
                "timeouts  callers' sidecars  ResiliencePolicy commands/cart on Service commands/cart  request: 2s"),
        this::said);
    assertTrue(said().contains("commands/cart-0"), this::said);
    assertTrue(said().contains("no sidecar"), this::said);
    assertTrue(said().contains("Service commands/crt does not exist"), this::said);
    assertEquals(1, run(Describe::run, "-n", SPACE, "crat"));
    assertTrue(complained().contains("there is no service commands/crat"), this::complained);
  }

  @Test
  void precheckNamesWhatRefusesPodsWithASidecar() {
    assertEquals(1, run(Precheck::run));
    assertTrue(said().matches("(?s)ok +API server +v1\\..*"), this::said);
    assertTrue(said().contains("namespace commands"), this::said);
    assertTrue(said().contains("HTTPRoute"), this::said);
  }

  @Test
  void statusWithoutAControlPlaneSaysSo() {
    assertEquals(1, run(Status::run));
    assertTrue(
        complained().startsWith("weir status: no control plane runs in weir-system"),
        this::complained);
  }

  @Test
  void statusOfAControlPlaneThatCannotBeAskedSaysWhy() throws IOException {
    Path pod =
        Files.writeString(
            folder.resolve("pod.yaml"),
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: control-plane-0, namespace: weir-system, labels: {app.kubernetes.io/name: weir-control-plane}}
            spec: {containers: [{name: control-plane, image: "weir-control-plane:0.1.0"}]}
            """);
    api.kubectl("apply", "-f", pod.toString());
    try {
      assertEquals(1, run(Status::run, "-n", SPACE));
      assertTrue(
          said()
              .contains(
                  "control-plane-0  0.1.0    does not answer  ?\n  port 15014 of pod weir-system/control-plane-0 cannot be asked: it is Pending"),
          this::said);
      assertTrue(said().contains("no pod of namespace commands has a sidecar"), this::said);
      assertTrue(complained().isEmpty(), this::complained);
      api.kubectl("create", "clusterrole", "looks-at-pods", "--verb=get,list", "--resource=pods");
      api.kubectl(
          "create",
          "clusterrolebinding",
          "looks-at-pods",
          "--clusterrole=looks-at-pods",
          "--serviceaccount=commands:nobody");
      assertEquals(1, run(Status::run, nobodys(), "-n", SPACE));
      assertTrue(said().contains("you may not forward ports"), this::said);
    } finally {
      api.kubectl(
          "delete", "clusterrole,clusterrolebinding", "looks-at-pods", "--ignore-not-found");
      api.kubectl("delete", "-f", pod.toString(), "--grace-period=0", "--force");
    }
  }

  /** As of one that nothing is redirected to: it tells nobody but its log. */
  @Test
  void sidecarThatIsNotReadyIsSaidWithWhereItSaysWhy() throws IOException {
    Path pods =
        Files.writeString(
            folder.resolve("pods.yaml"),
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: control-plane-1, namespace: weir-system, labels: {app.kubernetes.io/name: weir-control-plane}}
            spec: {containers: [{name: control-plane, image: "weir-control-plane:0.1.0"}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: waiting, namespace: commands}
            spec: {containers: [{name: app, image: app}, {name: weir-sidecar, image: "weir-sidecar:0.1.0"}]}
            """);
    api.kubectl("apply", "-f", pods.toString());
    try {
      assertEquals(1, run(Status::run, "-n", SPACE));
      assertTrue(
          said()
              .contains(
                  "commands/waiting is not ready; kubectl -n commands logs waiting -c weir-sidecar"
                      + " says why"),
          this::said);
    } finally {
      api.kubectl("delete", "-f", pods.toString(), "--grace-period=0", "--force");
    }
  }

  @Test
  void statusNamesPodsWithoutASidecarAndOldOnes() throws IOException {
    Path pods =
        Files.writeString(
            folder.resolve("pods.yaml"),
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: control-plane-2, namespace: weir-system, labels: {app.kubernetes.io/name: weir-control-plane}}
            spec: {containers: [{name: control-plane, image: "weir-control-plane:0.2.0"}]}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: weir-injection, namespace: weir-system}
            data: {injection.yaml: "{image: 'weir-sidecar:0.2.0', controlPlane: 'cp:15012'}"}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: before, namespace: commands}
            spec: {containers: [{name: app, image: app}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: old, namespace: commands, annotations: {weir.dev/injected: "weir-sidecar:0.1.0"}}
            spec: {containers: [{name: app, image: app}, {name: weir-sidecar, image: s, args: ["--control-plane=cp:15012"]}]}
            """);
    api.kubectl("apply", "-f", pods.toString());
    try {
      assertEquals(1, run(Status::run, "-n", SPACE));
      assertTrue(
          said()
              .endsWith(
                  """
                  without a sidecar, which they are to have: 1: commands/before
                    they are older than the label, or were made past the webhook; kubectl -n commands rollout restart deployment, or what else makes them
                  without a sidecar, as they are written: 1: commands/cart-0 (its label weir.dev/inject says disabled)
                  with another sidecar than the one that is injected now: 1: commands/old (weir-sidecar:0.1.0, now weir-sidecar:0.2.0)
                    they work on, and get the new one when they are made anew; kubectl -n commands rollout restart deployment, or what else makes them
                  """),
          this::said);
      run(Status::run, "-n", SPACE, "-o", "json");
      assertTrue(said().contains("\"injectedNow\": \"weir-sidecar:0.2.0\""), this::said);
      api.kubectl("create", "clusterrole", "lists-pods", "--verb=list", "--resource=pods");
      api.kubectl(
          "create",
          "clusterrolebinding",
          "lists-pods",
          "--clusterrole=lists-pods",
          "--serviceaccount=commands:nobody");
      assertEquals(1, run(Status::run, nobodys(), "-n", SPACE));
      assertTrue(
          said().contains("which namespaces are to have sidecars is not known: namespaces"),
          this::said);
      assertTrue(
          said().contains("which sidecars are old is not known: configmaps \"weir-injection\""),
          this::said);
    } finally {
      api.kubectl("delete", "clusterrole,clusterrolebinding", "lists-pods", "--ignore-not-found");
      api.kubectl("delete", "-f", pods.toString(), "--grace-period=0", "--force");
    }
  }

  private static int inject(String[] words, PrintStream out, PrintStream err) {
    return Inject.run(words, InputStream.nullInputStream(), out, err);
  }

  @Test
  void injectTakesWhatTheWebhookOfTheClusterIsTold() throws IOException {
    Path pod =
        Files.writeString(
            folder.resolve("pod.yaml"),
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: app, image: a}]}}");
    assertEquals(1, run(ClusterCommandsTest::inject, "-f", pod.toString()));
    assertTrue(
        complained().contains("has no ConfigMap weir-system/weir-injection"), this::complained);
    for (String name : List.of("weir-injection", "weir-injection-next")) {
      api.kubectl(
          "-n",
          "weir-system",
          "create",
          "configmap",
          name,
          "--from-literal=injection.yaml={image: 'of-%s'}".formatted(name));
    }
    try {
      assertEquals(0, run(ClusterCommandsTest::inject, "-f", pod.toString()), this::complained);
      assertTrue(said().contains("image: of-weir-injection\n"), this::said);
      assertEquals(
          0,
          run(ClusterCommandsTest::inject, "-f", pod.toString(), "--revision", "next"),
          this::complained);
      assertTrue(said().contains("image: of-weir-injection-next\n"), this::said);
    } finally {
      api.kubectl(
          "-n", "weir-system", "delete", "configmaps", "weir-injection", "weir-injection-next");
    }
  }

  @Test
  void configOfAPodWithoutASidecarSaysSo() {
    assertEquals(1, run(Config::run, "-n", SPACE, "cart-0", "routes"));
    assertTrue(complained().contains("pod commands/cart-0 has no sidecar"), this::complained);
    assertEquals(1, run(Config::run, "-n", SPACE, "cart", "routes"));
    assertTrue(complained().contains("there are cart-0"), this::complained);
    assertEquals(2, run(Config::run, "-n", SPACE, "cart-0", "route"));
    assertTrue(complained().contains("did you mean \"routes\"?"), this::complained);
  }

  @Test
  void versionIsOfTheClientToo() {
    assertEquals(0, run(Versions::run));
    assertTrue(said().startsWith("weir  (development)"), this::said);
  }

  @Test
  void reportHasNoSecretInIt() throws Exception {
    Path file = folder.resolve("report.tar.gz");
    assertEquals(0, run(BugReport::run, "--file", file.toString()), this::complained);
    assertEquals(
        "rw-------",
        java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    Process tar =
        new ProcessBuilder("tar", "-xzf", file.toString(), "-C", folder.toString())
            .redirectErrorStream(true)
            .start();
    tar.getInputStream().readAllBytes();
    assertEquals(0, tar.waitFor());
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> files =
          all.filter(Files::isRegularFile)
              .filter(one -> one.toString().contains("weir-bug"))
              .toList();
      assertTrue(
          files.stream().anyMatch(one -> one.endsWith("resources/resiliencepolicies.yaml")),
          files::toString);
      for (Path one : files) {
        assertFalse(Files.readString(one).contains("HUSHHUSH"), one::toString);
      }
    }
    assertEquals(2, run(BugReport::run, "--file", file.toString()));
  }

  @Test
  void serverThatDoesNotAnswerIsNamedWithTheReason() throws IOException {
    try (ClosedPort closed = new ClosedPort()) {
      Path kubeconfig = kubeconfig("https://127.0.0.1:" + closed.port(), api.token());
      for (Command command :
          List.<Command>of(Status::run, ClusterCommandsTest::check, Precheck::run, Versions::run)) {
        assertEquals(1, run(command, kubeconfig));
        assertTrue(complained().contains("does not answer: "), this::complained);
        assertEquals(1, complained().lines().count(), this::complained);
      }
    }
  }

  @Test
  void whoMayNotIsToldWhatIsRefused() throws IOException {
    Path kubeconfig = nobodys();
    assertEquals(1, run(ClusterCommandsTest::check, kubeconfig));
    assertTrue(complained().contains(" refuses: "), this::complained);
    assertTrue(complained().contains("forbidden"), this::complained);
    assertEquals(1, complained().lines().count(), this::complained);
    assertEquals(1, run(Precheck::run, kubeconfig));
    assertTrue(said().contains("you may not create namespaces"), this::said);
  }

  @Test
  void tokenThatNobodyKnowsIsSaidToBe() throws IOException {
    assertEquals(1, run(Status::run, kubeconfig(api.url(), "unknown")));
    assertTrue(complained().contains("does not know who asks"), this::complained);
  }

  @Test
  void contextThatIsNotThereIsNamedWithThoseThatAre() {
    assertEquals(1, run(Status::run, "--context", "prod"));
    assertEquals(
        "weir status: there is no context \"prod\" in the kubeconfig %s; there are test\n"
            .formatted(api.kubeconfig()),
        complained());
  }

  @Test
  void wrongUsageIsStatusTwo() {
    assertEquals(2, run(Status::run, "--nonsense"));
    assertEquals(2, run(Status::run, "-n", "No Name"));
    assertEquals(2, run(Status::run, "-o", "xml"));
    assertEquals(2, run(Describe::run));
    assertEquals(2, run(Config::run, "cart-0"));
    assertEquals(2, run(ClusterCommandsTest::check, folder.resolve("none").toString()));
    assertEquals(2, run(Status::run, folder.resolve("none"), "-o", "json"));
  }
}
