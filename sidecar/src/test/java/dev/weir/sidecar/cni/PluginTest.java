package dev.weir.sidecar.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The plugin as a runtime runs it: a process without a PATH. */
class PluginTest {
  private static final String NONE = "{}";

  /** All that might be taken for the end of it, or for the annotation. */
  private static final String RESULT =
      """
      {"cniVersion":"1.0.0","dns":{},"odd":"a \\"b\\" }{][,: \\\\\\" \\\\","empty":"","é":"\\u00e9ü",
        "ips":[{"address":"10.0.0.7/24"},[1,2.50,-3e10,null,true]],"prevResult":{"x":{}},
        "runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"weir.dev/intercept":"no"}}}\
      """;

  @TempDir Path folder;
  private Path bin;
  private Path run;

  private record Ran(int status, String out) {}

  @BeforeEach
  void install() throws IOException {
    bin = Files.createDirectory(folder.resolve("bin"));
    run = folder.resolve("run");
    PluginFiles.install(bin, run, busybox(), Duration.ofSeconds(2));
  }

  /** ./weir verify installs it. */
  private static Path busybox() {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, "busybox"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException("needs busybox (Debian: apt-get install busybox-static)"));
  }

  private static String conf(String annotations) {
    return conf(annotations, ",\"prevResult\":" + RESULT);
  }

  private static String conf(String annotations, String prevResult) {
    return "{\"capabilities\":{\"io.kubernetes.cri.pod-annotations\":true},\"cniVersion\":\"1.0.0\",\"name\":\"k8s\""
        + prevResult
        + ",\"runtimeConfig\":{\"io.kubernetes.cri.pod-annotations\":"
        + annotations
        + "},\"type\":\"weir-cni\"}";
  }

  private static String annotated(String words) {
    return "{\"a\":\"b\",\"weir.dev/intercept\":\"" + words + "\"}";
  }

  private Ran run(String command, String conf) throws IOException, InterruptedException {
    return run(Map.of("CNI_COMMAND", command), conf);
  }

  private Ran run(Map<String, String> variables, String conf)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(bin.resolve("weir-cni").toString());
    builder.redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("CNI_CONTAINERID", "c0ffee");
    builder.environment().put("CNI_NETNS", folder.resolve("netns").toString());
    builder
        .environment()
        .put("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-0");
    builder.environment().putAll(variables);
    Process process = builder.start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(conf.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It had read what it needs.
    }
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), out);
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(run)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void versionsAreThoseInWhichPluginsAreChained() throws Exception {
    assertEquals(
        new Ran(
            0,
            "{\"cniVersion\": \"1.1.0\", \"supportedVersions\": [\"0.3.0\", \"0.3.1\", \"0.4.0\","
                + " \"1.0.0\", \"1.1.0\"]}\n"),
        run("VERSION", "{\"cniVersion\": \"1.1.0\"}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        NONE,
        "null",
        "{\"other\":\"say \\\"weir.dev/intercept\\\": \\\"--user=1\\\"\"}",
        "{\"other\":{\"weir.dev/intercept\":\"--user=1\"}}",
        "{\"other\":\"weir.dev/intercept\"}",
        "[\"weir.dev/intercept\",\"--user=1\"]"
      })
  void podWithoutTheAnnotationGetsWhatWasMadeByteForByteWithoutAnAgent(String annotations)
      throws Exception {
    assertEquals(new Ran(0, RESULT + "\n"), run("ADD", conf(annotations)));
  }

  @Test
  void annotationElsewhereInTheConfIsNone() throws Exception {
    assertEquals(
        new Ran(0, "{}\n"),
        run(
            "ADD",
            "{\"weir.dev/intercept\":\"--user=1\",\"prevResult\":{},\"args\":"
                + annotated("--user=1")
                + "}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"DEL", "CHECK", "STATUS", "GC"})
  void whatNeedsNoRulesSucceedsWithoutAnAgent(String command) throws Exception {
    assertEquals(new Ran(0, ""), run(command, conf(annotated("--user=1337"))));
  }

  @Test
  void annotatedPodIsNotMadeWhereNoAgentHasRun() throws Exception {
    assertEquals(
        new Ran(
            1,
            "{\"cniVersion\": \"1.0.0\", \"code\": 11, \"msg\": \"weir-cni: no agent has run on this"
                + " node since it started\", \"details\": \"see that the DaemonSet weir-cni has a"
                + " pod here\"}\n"),
        run("ADD", conf(annotated("--user=1337"))));
  }

  @Test
  void annotatedPodIsNotMadeWithoutAnAnswerAndLeavesNothing() throws Exception {
    Files.createDirectory(run);
    assertEquals(
        new Ran(
            1,
            "{\"cniVersion\": \"1.0.0\", \"code\": 11, \"msg\": \"weir-cni: the agent has not"
                + " answered for 2 s\", \"details\": \"see that the pod of the DaemonSet weir-cni on"
                + " this node runs\"}\n"),
        run("ADD", conf(annotated("--user=1337"))));
    assertEquals(List.of(), left());
  }

  @Test
  void whatIsNoneIsAnErrorOfTheSpecification() throws Exception {
    assertTrue(run("NONE", conf(NONE)).out().contains("\"code\": 4"));
    assertTrue(run("ADD", conf(NONE, "")).out().contains("\"code\": 7"));
    assertTrue(run("ADD", "").out().contains("\"code\": 7"));
    Ran wrong =
        run(
            Map.of("CNI_COMMAND", "ADD", "CNI_CONTAINERID", "../c0ffee"),
            conf(annotated("--user=1337")));
    assertTrue(wrong.out().contains("\"code\": 4"), wrong.out());
  }

  /** What an agent is asked, and that its answer is the plugin's. */
  private Ran answered(String words, Optional<String> problem, List<Request> asked)
      throws Exception {
    Files.createDirectories(run);
    Thread agent =
        Thread.startVirtualThread(() ->
            Await.until(() -> {
              try (Stream<Path> files = Files.list(run)) {
                for (Path file :
                    files.filter(one -> one.toString().endsWith(".request")).toList()) {
                  Request request = Request.take(file).orElseThrow();
                  asked.add(request);
                  request.answer(problem);
                }
              } catch (IOException e) {
                return false; // not yet
              }
              return !asked.isEmpty();
            }));
    Ran ran = run("ADD", conf(annotated(words)));
    agent.join();
    return ran;
  }

  @Test
  void podGoesOnOnceTheAgentHasWrittenItsRules() throws Exception {
    List<Request> asked = Collections.synchronizedList(new ArrayList<>());
    assertEquals(
        new Ran(0, RESULT + "\n"), answered("--user=1337 $(id) `id`", Optional.empty(), asked));
    assertEquals("shop/cart-0", asked.getFirst().pod());
    assertEquals("--user=1337 $(id) `id`", asked.getFirst().words());
    assertEquals(folder.resolve("netns").toString(), asked.getFirst().namespace());
    assertEquals(List.of(), left());
  }

  @Test
  void whatTheAgentSaysIsInTheErrorAsJson() throws Exception {
    Ran ran =
        answered(
            "--user=1337",
            Optional.of("a \"b\" \\ %s\nnext"),
            Collections.synchronizedList(new ArrayList<>()));
    assertEquals(
        new Ran(
            1,
            "{\"cniVersion\": \"1.0.0\", \"code\": 100, \"msg\": \"weir-cni: the pod is not"
                + " redirected\", \"details\": \"a \\\"b\\\" \\\\ %s\\nnext\"}\n"),
        ran);
  }

  /** Without rights over a namespace it is told what the agent may not. */
  @Test
  void agentAnswersEachPodForItselfAndTellsWhatIsWrong() throws Exception {
    Path confs = Files.createDirectory(folder.resolve("conf"));
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream lines = new PrintStream(log, true, StandardCharsets.UTF_8);
    try (Agent agent = new Agent(confs, run, lines::println)) {
      Thread serving =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  agent.serve();
                } catch (IOException | InterruptedException e) {
                  lines.println("ended");
                }
              });
      try {
        Ran wrong = run("ADD", conf(annotated("--user=1337 --netns=/proc/1/ns/net")));
        assertTrue(wrong.out().contains("the agent sees no network namespace"), wrong.out());
        Files.createFile(folder.resolve("netns"));
        wrong = run("ADD", conf(annotated("--user=1337 --netns=/proc/1/ns/net")));
        assertTrue(
            wrong
                .out()
                .contains(
                    "annotation weir.dev/intercept: \\\"--netns=/proc/1/ns/net\\\" is not for a pod"
                        + " to say"),
            wrong.out());
        assertTrue(
            log.toString(StandardCharsets.UTF_8).contains("pod shop/cart-0: annotation"),
            log.toString(StandardCharsets.UTF_8));
      } finally {
        serving.interrupt();
        serving.join();
      }
    }
  }
}
