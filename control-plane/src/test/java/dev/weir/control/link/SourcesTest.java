package dev.weir.control.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.reader.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Resources of several places are one mesh. */
class SourcesTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: a, namespace: shop}
      spec: {ports: [{name: %s, port: 8080}]}
      """;
  private static final String POLICY =
      """
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: a, namespace: shop}
      spec: {targetRefs: [{group: "", kind: Service, name: a}], timeouts: {request: %s}}
      """;

  private static final String TOKENS =
      """
      apiVersion: weir.dev/v1alpha1
      kind: AuthenticationPolicy
      metadata: {name: tokens, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: a}]
        jwt:
          providers:
          - {name: idp, issuer: idp, jwks: {configMapRef: {name: idp, key: jwks.json}}}
      """;
  private static final String KEYS =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: idp, namespace: shop}
      data: {jwks.json: '%s'}
      """;
  private static final String SET =
      "{\"keys\": [{\"kty\": \"oct\", \"k\": \"c2VjcmV0LW9mLTMyLWJ5dGVzLWZvci10ZXN0cy0tLS0\"}]}";
  private static final String OTHER_SET = SET.replace("c2Vj", "d2Vj");

  @TempDir Path one;
  @TempDir Path other;
  private Sources sources;

  @SuppressWarnings("NullAway.Init")
  SourcesTest() {}

  @BeforeEach
  void open() {
    Clock clock = Clock.systemUTC();
    sources =
        new Sources(
            List.of(new FolderSource(one, clock), new FolderSource(other, clock)), clock.getZone());
  }

  private static void write(Path folder, String text, String word) throws IOException {
    Files.writeString(folder.resolve("a.yaml"), text.formatted(word));
  }

  private List<String> errors() {
    return sources.scan().findings().stream()
        .filter(Finding::isError)
        .map(Finding::toString)
        .toList();
  }

  @Test
  void policyOfOneFindsItsServiceInAnother() throws IOException {
    write(one, SERVICE, "http");
    write(other, POLICY, "2s");
    assertEquals(List.of(), errors());
    assertEquals(1, sources.scan().model().policies().size());
  }

  @Test
  void changeThatDoesNotFitAnotherPlaceStaysAtTheVersionBefore() throws IOException {
    write(one, SERVICE, "http");
    write(other, POLICY, "2s");
    sources.scan();
    write(other, POLICY.replace("name: a}]", "name: b}]"), "3s");
    assertEquals(1, sources.scan().model().policies().size());
    assertTrue(errors().getFirst().contains("Still in force"), () -> errors().toString());
  }

  @Test
  void nameIsWhoseItWas() throws IOException {
    write(other, SERVICE, "theirs");
    sources.scan();
    write(one, SERVICE, "ours");
    Linked linked = sources.scan();
    assertEquals(
        "theirs", linked.model().services().firstEntry().getValue().ports().getFirst().name());
    assertTrue(errors().getFirst().startsWith(one.toString()), () -> errors().toString());
  }

  @Test
  void placeThatCannotBeReadTakesNothingAway() throws IOException {
    write(one, SERVICE, "http");
    write(other, POLICY, "2s");
    sources.scan();
    Path away = one.resolveSibling(one.getFileName() + "-away");
    Files.move(one, away);
    Linked linked = sources.scan();
    Files.move(away, one);
    assertEquals(1, linked.model().services().size());
    assertEquals(one + ": is not a folder", linked.findings().getFirst().toString());
    assertEquals(List.of(), errors());
  }

  private Collection<String> keys() {
    return sources.scan().model().texts().values();
  }

  private void writeTokens() throws IOException {
    write(one, SERVICE, "http");
    Files.writeString(one.resolve("tokens.yaml"), TOKENS);
  }

  @Test
  void keysOfAConfigMapAreThoseThatItHasNow() throws IOException {
    writeTokens();
    write(other, KEYS, SET);
    assertEquals(List.of(), errors());
    assertEquals(List.of(SET), List.copyOf(keys()));
    write(other, KEYS, OTHER_SET);
    assertEquals(List.of(OTHER_SET), List.copyOf(keys()));
    assertEquals(List.of(), errors());
  }

  @Test
  void keysThatNeverWereThereLeaveThePolicyOutUntilTheyCome() throws IOException {
    writeTokens();
    assertEquals(List.of(), sources.scan().model().policies());
    assertTrue(
        errors().toString().contains("ConfigMap shop/idp does not exist"),
        () -> errors().toString());
    write(other, KEYS, SET);
    assertEquals(1, sources.scan().model().policies().size());
    assertEquals(List.of(), errors());
  }

  @Test
  void configMapThatIsNoKeySetAnyMoreStaysAtTheVersionBefore() throws IOException {
    writeTokens();
    write(other, KEYS, SET);
    assertEquals(List.of(SET), List.copyOf(keys()));
    write(other, KEYS, "none");
    assertEquals(List.of(SET), List.copyOf(keys()));
    String error = errors().getFirst();
    assertTrue(error.startsWith(other + "/a.yaml:4: AuthenticationPolicy shop/tokens: "), error);
    assertTrue(error.contains("Still in force"), error);
  }

  @Test
  void keysOfAConfigMapThatIsGoneStillHold() throws IOException {
    writeTokens();
    write(other, KEYS, SET);
    assertEquals(List.of(SET), List.copyOf(keys()));
    Files.writeString(
        other.resolve("b.yaml"), SERVICE.replace("name: a,", "name: b,").formatted("http"));
    Files.delete(other.resolve("a.yaml"));
    assertEquals(List.of(SET), List.copyOf(keys()));
    assertEquals(1, sources.scan().model().policies().size());
    assertTrue(
        errors().getFirst().endsWith("does not exist; the keys that it had still hold"),
        () -> errors().toString());
  }
}
