package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.injector.Injection;
import dev.weir.control.installation.WebhookTrust;
import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.testkit.KubeApi;
import dev.weir.testkit.KubernetesPrograms;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart, as Helm renders it, before a real API server and the program that it starts. */
@Tag("kubernetes")
class ChartTest {
  private static final Path CHART = Path.of("../charts/weir");
  private static final List<String> WEBHOOKS =
      List.of(
          "mutatingwebhookconfiguration/weir-injector",
          "validatingwebhookconfiguration/weir-validation");

  @TempDir Path folder;

  private String helm(String... words) throws IOException, InterruptedException {
    return helm(0, words);
  }

  private String helm(int status, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(KubernetesPrograms.find("helm").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HELM_CACHE_HOME", folder.toString());
    builder.environment().put("HELM_CONFIG_HOME", folder.toString());
    builder.environment().put("HELM_DATA_HOME", folder.toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(status, process.waitFor(), said);
    return said;
  }

  private String rendered(String... more) throws IOException, InterruptedException {
    return helm(template(more));
  }

  private static String[] template(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "template",
                "weir",
                CHART.toString(),
                "--namespace=weir-system",
                "--kube-version=1.34.4"));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private static List<Map<?, ?>> documents(String yaml) {
    List<Map<?, ?>> documents = new ArrayList<>();
    for (String document : yaml.split("(?m)^---$")) {
      if (!document.isBlank()) {
        documents.add(new KubernetesSerialization().unmarshal("---\n" + document, Map.class));
      }
    }
    return documents;
  }

  private static Map<?, ?> of(String yaml, String kind) {
    return documents(yaml).stream()
        .filter(one -> kind.equals(one.get("kind")))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../charts/weir", "../charts/weir-crds"})
  void helmFindsNothingWrong(String chart) throws Exception {
    assertTrue(helm("lint", "--strict", chart).contains("0 chart(s) failed"));
  }

  /** Webhooks without what the server makes of them, and with what was put where trust is. */
  private static List<Object> webhooks(KubeApi api) throws IOException {
    List<Object> all = new ArrayList<>();
    for (String configuration : WEBHOOKS) {
      Map<?, ?> object =
          new KubernetesSerialization()
              .unmarshal(api.kubectl("get", configuration, "-o", "json"), Map.class);
      Objects.requireNonNull((List<?>) object.get("webhooks"))
          .forEach(webhook -> {
            Map<?, ?> config = child((Map<?, ?>) webhook, "clientConfig");
            assertEquals("cm9vdHM=", config.remove("caBundle"), configuration);
            all.add(webhook);
          });
    }
    return all;
  }

  private static List<String> versions(KubeApi api) throws IOException {
    List<String> versions = new ArrayList<>();
    for (String configuration : WEBHOOKS) {
      versions.add(api.kubectl("get", configuration, "-o", "jsonpath={.metadata.resourceVersion}"));
    }
    return versions;
  }

  /** Who applies the chart, and the control plane that writes whom to trust: each its own. */
  @Test
  void whomWebhooksTrustIsNotFoughtOver() throws Exception {
    try (KubeApi api = KubeApi.start(folder);
        KubernetesClient client =
            KubernetesClients.of(Optional.of(api.kubeconfig()), Optional.empty())) {
      api.namespace("weir-system");
      WebhookTrust trust = new WebhookTrust(client, Optional.empty(), () -> "roots");
      String[] upgrade = {
        "upgrade",
        "weir",
        CHART.toString(),
        "--install",
        "--namespace=weir-system",
        "--kubeconfig=" + api.kubeconfig()
      };
      helm(upgrade);
      trust.follow();
      List<Object> first = webhooks(api);
      assertTrue(String.valueOf(first).contains("failurePolicy=Fail"), first::toString);

      helm(
          Stream.concat(
                  Stream.of(upgrade),
                  Stream.of("--set=injector.failurePolicy=Ignore,injector.timeoutSeconds=5"))
              .toArray(String[]::new));
      List<Object> second = webhooks(api);
      assertFalse(String.valueOf(second).contains("failurePolicy=Fail"), second::toString);
      assertTrue(String.valueOf(second).contains("timeoutSeconds=5"), second::toString);
      List<String> versions = versions(api);
      trust.follow();
      assertEquals(versions, versions(api), "what is right is not written");

      Path file =
          Files.writeString(
              folder.resolve("rendered.yaml"),
              rendered("--set=injector.failurePolicy=Ignore,injector.timeoutSeconds=5"));
      for (int i = 0; i < 2; i++) {
        // Without --force-conflicts: it would say so if it wanted what is another's.
        api.kubectl("apply", "--server-side", "--field-manager=gitops", "-f", file.toString());
        trust.follow();
      }
      assertEquals(second, webhooks(api));
      List<String> applied = versions(api);
      api.kubectl("apply", "--server-side", "--field-manager=gitops", "-f", file.toString());
      trust.follow();
      assertEquals(applied, versions(api), "nobody has anything to write any more");
      String managers =
          api.kubectl("get", WEBHOOKS.getFirst(), "-o", "json", "--show-managed-fields");
      assertEquals(2, managers.split("f:caBundle", -1).length - 1, managers); // ours
    }
  }

  /** As Argo CD and others apply it, who know nothing of server-side apply. */
  @Test
  void applyingTheChartTwiceChangesNothingTheSecondTime() throws Exception {
    try (KubeApi api = KubeApi.start(folder);
        KubernetesClient client =
            KubernetesClients.of(Optional.of(api.kubeconfig()), Optional.empty())) {
      api.namespace("weir-system");
      Path file = Files.writeString(folder.resolve("rendered.yaml"), rendered());
      api.kubectl("apply", "-f", file.toString());
      new WebhookTrust(client, Optional.empty(), () -> "roots").follow();
      String again = api.kubectl("apply", "-f", file.toString());
      assertTrue(again.lines().allMatch(line -> line.endsWith(" unchanged")), again);
      assertFalse(webhooks(api).isEmpty());
    }
  }

  @Test
  void chartOfTheKindsThatIsUninstalledLeavesWhatPeopleWrote() throws Exception {
    try (KubeApi api = KubeApi.start(folder)) {
      String kubeconfig = "--kubeconfig=" + api.kubeconfig();
      helm("install", "weir-crds", "../charts/weir-crds", kubeconfig, "--wait");
      api.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s");
      Path file =
          Files.writeString(
              folder.resolve("policy.yaml"),
              """
              apiVersion: weir.dev/v1alpha1
              kind: ResiliencePolicy
              metadata: {name: cart, namespace: default}
              spec: {targetRefs: [{group: "", kind: Service, name: cart}], timeouts: {request: 2s}}
              """);
      api.kubectl("create", "-f", file.toString());
      helm("uninstall", "weir-crds", kubeconfig, "--wait");
      api.kubectl("get", "resiliencepolicy/cart");
      helm("install", "weir-crds", "../charts/weir-crds", kubeconfig, "--wait");
      api.kubectl("get", "resiliencepolicy/cart");
      helm("uninstall", "weir-crds", kubeconfig, "--wait");
      api.kubectl("delete", "crds", "-l", "app.kubernetes.io/part-of=weir");
      assertEquals("", api.kubectl("get", "crds", "-o", "name"));
    }
  }

  /** So that a change of the chart shows what it changes. */
  @ParameterizedTest
  @ValueSource(strings = {"values.yaml", "values-ha.yaml", "values-edge.yaml"})
  void whatIsRenderedIsKnown(String values) throws Exception {
    Golden.assertCurrent(
        Path.of("src/test/resources/chart").resolve(values.replace("values", "rendered")),
        rendered("--values=" + CHART.resolve(values)));
  }

  @Test
  void whatIsRenderedWithTheCniPluginIsKnown() throws Exception {
    Golden.assertCurrent(
        Path.of("src/test/resources/chart/rendered-cni.yaml"), rendered("--set=cni.enabled=true"));
  }

  @Test
  void cniPluginWithoutNativeSidecarsIsRefused() throws Exception {
    String refused = helm(1, template("--set=cni.enabled=true,sidecar.native=false"));
    assertTrue(refused.contains("cni.enabled needs sidecar.native"), refused);
  }

  /** Its command line is one, and its folders are where it looks for them. */
  @Test
  void agentOfANodeGetsTheFoldersThatItIsTold() throws Exception {
    String yaml = rendered("--set=cni.enabled=true,cni.binDir=/usr/lib/cni,cni.confDir=/etc/other");
    Map<?, ?> pod = child(child(child(of(yaml, "DaemonSet"), "spec"), "template"), "spec");
    List<?> containers = Objects.requireNonNull((List<?>) pod.get("containers"));
    Map<?, ?> container = (Map<?, ?>) containers.getFirst();
    List<?> mounts = Objects.requireNonNull((List<?>) container.get("volumeMounts"));
    List<Object> paths =
        mounts.stream().<Object>map(each -> ((Map<?, ?>) each).get("mountPath")).toList();
    assertEquals(
        List.of("/usr/lib/cni", "/etc/other", "/var/run/weir-cni", "/var/run/netns"), paths);
    assertEquals(
        List.of(
            "cni",
            "--bin=/usr/lib/cni",
            "--conf=/etc/other",
            "--run=/var/run/weir-cni",
            "--daemon-set=weir-system/weir-cni"),
        container.get("args"));
    Map<?, ?> data = child(of(yaml, "ConfigMap"), "data");
    assertEquals(
        Injection.Interception.CNI,
        Injection.read("injection.yaml", String.valueOf(data.get("injection.yaml")))
            .interception());
  }

  @ParameterizedTest
  @CsvSource({
    "controlPlane.replica=3, at '/controlPlane': additional properties 'replica' not allowed",
    "controlPlane.replicas=0, at '/controlPlane/replicas': minimum: got 0",
    "sidecar.profile=small, at '/sidecar/profile': value must be one of",
    "sidecar.logFormat=JSON, at '/sidecar/logFormat': value must be one of",
    "sidecar.logLevel=warn, at '/sidecar/logLevel': value must be one of",
    "injector.failurePolicy=fail, at '/injector/failurePolicy': value must be one of",
    "sidecar.resources.memoryLimit=96MB, at '/sidecar/resources/memoryLimit'",
    "registry=registry.example/weir, at '/registry'",
    "tag=a b, at '/tag'",
    "trustDomain=a..b, at '/trustDomain'",
    "sidecar.resources.memoryRequest=1Gi, 'sidecar.resources.memoryRequest, 1Gi, is more than memoryLimit, 512Mi'",
    "sidecar.resources.memoryLimit=159.9Mi, 'sidecar.resources.memoryRequest, 160Mi, is more than memoryLimit, 159.9Mi'",
    "revision=Canary, at '/revision'",
    "cni.binDir=opt, at '/cni/binDir'",
    "cni.enable=true, at '/cni': additional properties 'enable' not allowed"
  })
  void valueThatIsNoneIsRefusedWithItsPlace(String value, String said) throws Exception {
    String refused = helm(1, template("--set=" + value));
    assertTrue(refused.contains(said), refused);
  }

  /** The image has Serial, which another takes the place of. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-Xmx1048575k | -Xmx1048575k",
        "-Xmx1g | -XX:-UseSerialGC -XX:+UseG1GC -Xmx1g",
        "-XX:MaxHeapSize=2147483648 | -XX:-UseSerialGC -XX:+UseG1GC -XX:MaxHeapSize=2147483648",
        "-Xmx2G -Xmx512M | -Xmx2G -Xmx512M",
        "-Xmx2g -XX:+UseParallelGC | -XX:-UseSerialGC -Xmx2g -XX:+UseParallelGC",
        "-XX:MaxDirectMemorySize=1g | -XX:MaxDirectMemorySize=1g"
      })
  void collectorFollowsFromTheHeap(String options, String become) throws Exception {
    String words = "[\"" + options.replace(" ", "\", \"") + "\"]";
    String rendered = rendered("--set-json=controlPlane.javaOptions=" + words);
    assertTrue(rendered.contains("{name: JDK_JAVA_OPTIONS, value: \"" + become + "\"}"), rendered);
  }

  @ParameterizedTest
  @CsvSource({
    "values.yaml, ''",
    "values.yaml, canary",
    "values-ha.yaml, ''",
    "values-edge.yaml, ''"
  })
  void apiServerTakesAllOfIt(String values, String revision) throws Exception {
    KubeApi api = KubeApi.shared();
    api.namespace("weir-system");
    Path file = folder.resolve("rendered.yaml");
    Files.writeString(
        file,
        rendered(
            "--values=" + CHART.resolve(values),
            "--set=networkPolicy.enabled=true,cni.enabled=true",
            "--set=revision=" + revision));
    api.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", file.toString());
  }

  /** What is written for the program is what it reads, and its command line what it knows. */
  @Test
  void programTakesWhatItIsGiven() throws Exception {
    String yaml =
        rendered(
            "--values=" + CHART.resolve("values-edge.yaml"),
            "--set=tag=v7,sidecar.logFormat=json,sidecar.logLevel=debug");
    Map<?, ?> data = child(of(yaml, "ConfigMap"), "data");
    Injection injection =
        Injection.read("injection.yaml", String.valueOf(data.get("injection.yaml")));
    assertEquals("weir-sidecar:v7", injection.image());
    assertEquals("edge", injection.profile());
    assertEquals("json", injection.logFormat());
    assertEquals("debug", injection.logLevel());
    assertEquals("96Mi", injection.memoryLimit());
    assertEquals("weir-control-plane.weir-system.svc:15012", injection.controlPlane());

    Map<?, ?> pod = child(child(child(of(yaml, "Deployment"), "spec"), "template"), "spec");
    List<?> containers = Objects.requireNonNull((List<?>) pod.get("containers"));
    Map<?, ?> container = (Map<?, ?>) containers.getFirst();
    List<String> words = new ArrayList<>();
    Objects.requireNonNull((List<?>) container.get("args"))
        .forEach(word -> words.add(String.valueOf(word)));
    words.removeIf(word -> word.startsWith("--injection=") || word.startsWith("--kubernetes"));
    words.add("--kubernetes");
    words.add("--kubeconfig=" + folder.resolve("none"));
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Main.run(
            words.toArray(String[]::new),
            new PrintStream(new ByteArrayOutputStream()),
            new PrintStream(err));
    assertEquals(2, status);
    // The one thing that is wrong is what was put there.
    assertTrue(
        err.toString(StandardCharsets.UTF_8)
            .startsWith("weir control-plane: --kubeconfig: " + folder.resolve("none")),
        err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void monitorAsksAtAPortThatTheServiceHas() throws Exception {
    String yaml =
        rendered("--set=serviceMonitor.enabled=true,serviceMonitor.labels.release=prometheus");
    Map<?, ?> monitor = of(yaml, "ServiceMonitor");
    assertEquals("prometheus", child(child(monitor, "metadata"), "labels").get("release"));
    assertEquals(
        child(child(of(yaml, "Service"), "spec"), "selector"),
        child(child(child(monitor, "spec"), "selector"), "matchLabels"));
    List<?> endpoints = Objects.requireNonNull((List<?>) child(monitor, "spec").get("endpoints"));
    List<?> ports =
        Objects.requireNonNull((List<?>) child(of(yaml, "Service"), "spec").get("ports"));
    Object asked = Objects.requireNonNull(((Map<?, ?>) endpoints.getFirst()).get("port"));
    assertTrue(ports.stream().anyMatch(port -> asked.equals(((Map<?, ?>) port).get("name"))));
  }

  @Test
  void sidecarsAreMonitoredAtThePortThatTheInjectorGivesThem() throws Exception {
    String yaml =
        rendered(
            "--set=podMonitor.enabled=true,prometheusRule.enabled=true,dashboard.enabled=true");
    Map<?, ?> spec = child(of(yaml, "PodMonitor"), "spec");
    List<?> endpoints = Objects.requireNonNull((List<?>) spec.get("podMetricsEndpoints"));
    Map<?, ?> endpoint = Objects.requireNonNull((Map<?, ?>) endpoints.getFirst());
    assertEquals("weir-metrics", endpoint.get("port"));
    assertEquals("/stats/prometheus", endpoint.get("path"));
    assertTrue(
        Files.readString(Path.of("src/main/resources/dev/weir/control/injector/sidecar.yaml"))
            .contains("{name: weir-metrics, containerPort: 15020,"));
    assertEquals(
        2,
        documents(yaml).stream().filter(each -> "PrometheusRule".equals(each.get("kind"))).count());
    assertTrue(yaml.contains("record: istio_requests_total"), yaml);
    assertTrue(yaml.contains("\"uid\": \"weir-mesh\""), yaml);
  }

  /** Of two installations, by the labels of namespaces and of pods. */
  @ParameterizedTest
  @CsvSource({
    // namespace's inject, rev; the pod's inject, rev; who is asked
    ",         ,       ,         ,       ''",
    "enabled,  ,       ,         ,       weir",
    "enabled,  ,       disabled, ,       ''",
    ",         ,       enabled,  ,       weir",
    "enabled,  canary, ,         ,       canary",
    "enabled,  canary, disabled, ,       ''",
    "disabled, canary, enabled,  ,       canary",
    ",         canary, ,         ,       ''",
    "enabled,  ,       ,         canary, canary",
    ",         ,       enabled,  canary, canary",
    ",         ,       ,         canary, ''",
    "enabled,  canary, ,         canary, canary",
    "enabled,  other,  ,         canary, canary",
    "enabled,  other,  ,         ,       ''",
    "enabled,  canary, ,         other,  ''"
  })
  void oneInstallationAtMostIsAskedAboutAPod(
      @Nullable String inject,
      @Nullable String rev,
      @Nullable String podInject,
      @Nullable String podRev,
      String asked)
      throws Exception {
    List<String> by = new ArrayList<>();
    for (String name : List.of("weir", "canary")) {
      Map<?, ?> config =
          of(
              name.equals("weir") ? rendered() : rendered("--set=revision=" + name),
              "MutatingWebhookConfiguration");
      for (Object webhook : Objects.requireNonNull((List<?>) config.get("webhooks"))) {
        if (selects(child((Map<?, ?>) webhook, "namespaceSelector"), inject, rev)
            && selects(child((Map<?, ?>) webhook, "objectSelector"), podInject, podRev)) {
          by.add(name);
        }
      }
    }
    assertEquals(asked, String.join(" and ", by));
  }

  /** As the API server does, of what has these labels and no others. */
  private static boolean selects(
      Map<?, ?> selector, @Nullable String inject, @Nullable String rev) {
    for (Object one : Objects.requireNonNull((List<?>) selector.get("matchExpressions"))) {
      Map<?, ?> expression = (Map<?, ?>) one;
      @Nullable String value =
          switch (String.valueOf(expression.get("key"))) {
            case "weir.dev/inject" -> inject;
            case "weir.dev/rev" -> rev;
            default -> null;
          };
      boolean among =
          value != null
              && expression.get("values") instanceof List<?> values
              && values.contains(value);
      boolean fits =
          switch (String.valueOf(expression.get("operator"))) {
            case "In" -> among;
            case "NotIn" -> !among;
            case "DoesNotExist" -> value == null;
            default -> throw new IllegalArgumentException(String.valueOf(expression));
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  /** Nothing of one is in the way of the other, but for what they have together by its name. */
  @Test
  void revisionsHaveNothingTogetherButTheTrustOfTheMesh() throws Exception {
    List<String> names = new ArrayList<>();
    for (String yaml :
        List.of(
            rendered(
                "--values=" + CHART.resolve("values-ha.yaml"),
                "--set=networkPolicy.enabled=true,cni.enabled=true"),
            rendered(
                "--values=" + CHART.resolve("values-ha.yaml"),
                "--set=networkPolicy.enabled=true,cni.enabled=true",
                "--set=revision=canary"))) {
      for (Map<?, ?> one : documents(yaml)) {
        names.add(one.get("kind") + " " + child(one, "metadata").get("name"));
      }
    }
    assertEquals(names.stream().distinct().toList(), names);
  }

  private static Map<?, ?> child(Map<?, ?> map, String key) {
    return Objects.requireNonNull((Map<?, ?>) map.get(key));
  }
}
