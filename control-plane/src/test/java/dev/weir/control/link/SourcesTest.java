package dev.weir.control.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.reader.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
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
}
