package dev.weir.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InjectTest {
  private static final String POD =
      "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: app, image: a}]}}";

  @TempDir Path folder;
  private Path file;
  private Path injection;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @SuppressWarnings("NullAway.Init")
  InjectTest() {}

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("pod.yaml"), POD);
    injection =
        Files.writeString(
            folder.resolve("injection.yaml"),
            "{image: 'registry.example/weir-sidecar:7', memoryLimit: 1Gi, interception: Cni}");
  }

  private int run(String... words) {
    out.reset();
    err.reset();
    return Inject.run(
        words,
        new ByteArrayInputStream(POD.getBytes(StandardCharsets.UTF_8)),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void fileMayBeGivenAsToKubectl() {
    assertEquals(0, run(file.toString()), this::complained);
    String plain = said();
    assertTrue(plain.contains("weir-sidecar"), plain);
    assertEquals(0, run("-f", file.toString()), this::complained);
    assertEquals(plain, said());
    assertEquals(0, run("-f", "-"), this::complained);
    assertEquals(plain, said());
    assertEquals(0, run("-f", file.toString(), "--filename", file.toString(), file.toString()));
    assertEquals(plain.repeat(3), said());
  }

  @Test
  void whatTheWebhookIsToldIsTakenFromAFileAndTheCommandLineSaysOtherwise() {
    assertEquals(0, run("-f", "-", "--injection", injection.toString()), this::complained);
    assertTrue(said().contains("registry.example/weir-sidecar:7"), this::said);
    assertTrue(said().contains("memory: \"1Gi\""), this::said);
    assertTrue(said().contains("weir.dev/intercept"), this::said);
    assertEquals(
        0,
        run("-f", "-", "--injection", injection.toString(), "--image", "mine"),
        this::complained);
    assertTrue(said().contains("image: mine\n"), this::said);
    assertTrue(said().contains("weir.dev/intercept"), this::said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                                | give a FILE",
        "--classic --cni -f -                              | --cni: not with --classic",
        "--classic -f - --injection INJECTION              | --classic: the webhook injects for the CNI plugin",
        "--cni -f - --injection POD                        | --injection: POD",
        "-f - --injection INJECTION --kubeconfig none      | --injection: not with a cluster",
        "-f - --revision next                              | --revision: of which cluster?",
        "-f - --injection NONE                             | NONE cannot be read",
        "-f - --profile huge                               | Invalid value for option '--profile': \"huge\" is not one of default, edge",
        "-f - --image-pull-policy Foo                      | Invalid value for option '--image-pull-policy': \"Foo\" is not one of Always, IfNotPresent, Never",
        "-f - --control-plane foo                          | Invalid value for option '--control-plane': \"foo\" is no name and port",
        "-f - --control-plane foo:99999                    | Invalid value for option '--control-plane': \"foo:99999\" is no name and port",
        "-f - --trust-domain a..b                          | Invalid value for option '--trust-domain': \"a..b\" is no trust domain",
        "-f - --trust-domain=-x                            | Invalid value for option '--trust-domain': \"-x\" is no trust domain",
        "-f - --image a\"b                                 | Invalid value for option '--image': \"a\"b\" is no image",
      })
  void wrongUsageIsSaid(String line, String said) {
    String words =
        line.replace("INJECTION", injection.toString())
            .replace("POD", file.toString())
            .replace("NONE", folder.resolve("none").toString());
    assertEquals(2, run(words.isBlank() ? new String[0] : words.split(" ")), this::said);
    assertTrue(
        complained()
            .startsWith(
                "weir inject: "
                    + said.replace("POD", file.toString())
                        .replace("NONE", folder.resolve("none").toString())),
        this::complained);
  }

  @Test
  void whatIsWrongWithOneFileCostsNoOther() throws IOException {
    Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, 0, 1});
    Path none = folder.resolve("none.yaml");
    assertEquals(
        1, run(folder.toString(), binary.toString(), none.toString(), file.toString()), this::said);
    assertTrue(said().contains("weir-sidecar"), this::said);
    assertEquals(
        """
        weir inject: %1$s: is a folder; name its files, as %1$s/*.yaml
        weir inject: %1$s/binary.yaml: is no text in UTF-8
        weir inject: %1$s/none.yaml: is not there
        """
            .formatted(folder),
        complained());
  }

  /** Whatever is in it: it becomes part of a text that is read as YAML. */
  @Test
  void sidecarWritesItsMessagesAsTheWebhookIsTold() throws IOException {
    assertEquals(0, run("-f", "-"), this::complained);
    assertTrue(said().contains("--log-format=text"), this::said);
    assertTrue(said().contains("--log-level=info"), this::said);
    Files.writeString(injection, "{logFormat: json, logLevel: debug}");
    assertEquals(0, run("-f", "-", "--injection", injection.toString()), this::complained);
    assertTrue(said().contains("--log-format=json"), this::said);
    assertTrue(said().contains("--log-level=debug"), this::said);
  }

  @Test
  void imageOfTwoLinesIsNone() {
    assertEquals(2, run("-f", "-", "--image", "a\nb: c"), this::said);
    assertTrue(complained().contains("\"a?b: c\" is no image"), this::complained);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{image: 'a b'}                              | image: \"a b\" is no image",
        "{profile: huge}                             | profile: \"huge\" is not one of",
        "{logFormat: xml}                            | logFormat: \"xml\" is not one of text, json",
        "{logLevel: loud}                            | logLevel: \"loud\" is not one of",
        "{cpuRequest: much}                          | cpuRequest: \"much\" is no quantity",
        "{memoryRequest: 1Gi}                        | memoryRequest: 1Gi is more than memoryLimit, 512Mi",
        "{memoryRequest: 1024Mi, memoryLimit: 1.5Gi} | ''",
      })
  void whatTheWebhookIsToldIsLookedAtToo(String text, String problem) throws IOException {
    Files.writeString(injection, text);
    int status = run("-f", "-", "--injection", injection.toString());
    assertEquals(problem.isEmpty() ? 0 : 2, status, this::complained);
    assertTrue(complained().contains(problem), this::complained);
  }
}
