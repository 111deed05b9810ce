package dev.weir.control.source.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeconfigTest {
  private static final String RIGHT =
      """
      apiVersion: v1
      kind: Config
      clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", certificate-authority: ca.crt}}]
      contexts: [{name: one, context: {cluster: c, user: u}}, {name: two, context: {cluster: c}}]
      users: [{name: u, user: {client-certificate: u.crt, client-key: u.key, client-key-data: a2V5}}]
      current-context: one
      """;

  @TempDir Path folder;

  private String said(String text, Optional<String> context) throws IOException {
    Path file = Files.writeString(folder.resolve("config"), text);
    IOException refused =
        assertThrows(IOException.class, () -> Kubeconfig.check(List.of(file), context));
    return String.valueOf(refused.getMessage()).replace(folder + "/", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~                     | the kubeconfig config is empty",
        "# nothing              | the kubeconfig config is empty",
        "garbage: [             | config is no kubeconfig: config:1: not valid YAML: expected the node content, but found '<stream end>' while parsing a flow node",
        "- 1                    | config is no kubeconfig: it is a list",
        "contexts: foo          | config:1: contexts: expected a list, not \"foo\"",
        "contexts: [{name: a}]  | config:1: contexts: expected a map with name and context",
        "current-context: ''    | the kubeconfig config has no current-context; it has none; say which with --context, or kubectl config use-context",
        "current-context: three | there is no context \"three\" in the kubeconfig config; it has none",
      })
  void whatIsNoKubeconfigIsSaidWithItsName(String text, String said) throws IOException {
    assertEquals(said, said(text, Optional.empty()));
  }

  @Test
  void entriesThatAreNotThereAreNamed() throws IOException {
    assertEquals(
        "there is no context \"three\" in the kubeconfig config; there are one, two",
        said(RIGHT, Optional.of("three")));
    assertEquals(
        "there is no cluster \"c\", which context \"one\" of config names; there are d",
        said(RIGHT.replace("clusters: [{name: c", "clusters: [{name: d"), Optional.empty()));
    assertEquals(
        "there is no user \"u\", which context \"one\" of config names; it has none",
        withRoots(() -> said(RIGHT.replaceFirst("users:.*", "users: []"), Optional.empty())));
    assertEquals(
        "the kubeconfig config has no current-context; there are one, two; say which with --context,"
            + " or kubectl config use-context",
        said(RIGHT.replace("current-context: one", "current-context: \"\""), Optional.empty()));
  }

  private interface Step {
    String run() throws IOException;
  }

  private String withRoots(Step step) throws IOException {
    Files.writeString(folder.resolve("ca.crt"), "");
    return step.run();
  }

  @Test
  void filesThatAreNotThereAreNamedWithTheirPlace() throws IOException {
    assertEquals(
        "config:3: certificate-authority: ca.crt is not there", said(RIGHT, Optional.empty()));
    assertEquals(
        "config:5: client-certificate: u.crt is not there",
        withRoots(() -> said(RIGHT, Optional.empty())));
    Files.writeString(folder.resolve("u.crt"), "");
    // The key is in the file itself, whatever stands beside it.
    Kubeconfig.check(List.of(folder.resolve("config")), Optional.empty());
  }

  @Test
  void serverThatIsNoUrlIsSaid() throws IOException {
    assertEquals(
        "config:3: server: \"127.0.0.1:1\" is no URL, as https://10.0.0.1:6443",
        said(RIGHT.replace("https://127.0.0.1:1", "127.0.0.1:1"), Optional.of("two")));
  }

  /** As kubectl takes $KUBECONFIG: of what two say the first holds. */
  @Test
  void severalFilesAreOne() throws IOException {
    Path contexts =
        Files.writeString(
            folder.resolve("contexts"),
            "{contexts: [{name: one, context: {cluster: c}}], current-context: one}");
    Path clusters =
        Files.writeString(
            folder.resolve("clusters"),
            "{clusters: [{name: c, cluster: {server: 'http://a'}}], current-context: none}");
    Kubeconfig.check(List.of(contexts, clusters), Optional.empty());
  }
}
