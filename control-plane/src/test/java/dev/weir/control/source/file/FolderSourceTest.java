package dev.weir.control.source.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Timeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in force from a folder while its files change. */
class FolderSourceTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: %s, namespace: shop}
      spec: {ports: [{name: http, port: 8080}]}
      """;
  private static final String POLICY =
      """
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: inventory, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: inventory}]
        timeouts: {request: %s}
      """;

  @TempDir Path folder;
  private Instant now = Instant.parse("2026-11-23T14:02:11Z");
  private Sources source;

  @SuppressWarnings("NullAway.Init")
  FolderSourceTest() {}

  @BeforeEach
  void startWithAServiceAndAPolicy() throws IOException {
    Clock clock =
        new Clock() {
          @Override
          public Instant instant() {
            return now;
          }

          @Override
          public ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
          }
        };
    source = new Sources(List.of(new FolderSource(folder, clock)), clock.getZone());
    write("a-service.yaml", SERVICE.formatted("inventory"));
    write("b-policy.yaml", POLICY.formatted("2s"));
    assertEquals(List.of(), source.scan().findings());
  }

  @Test
  void brokenFileLeavesInForceWhatWasAndSaysSince() throws IOException {
    write("b-policy.yaml", POLICY.formatted("2 s"));
    Linked linked = source.scan();
    assertEquals(
        folder.resolve("b-policy.yaml")
            + ":6: ResiliencePolicy shop/inventory: spec.timeouts.request: \"2 s\" is not a"
            + " duration; write it as 2s, 50ms or 1h30m. Still in force: the version of 14:02:11.",
        linked.findings().getFirst().toString());
    assertEquals(Duration.ofSeconds(2), request(linked.model()));
  }

  @Test
  void whatTheServicesAreRunByIsNoResource() throws IOException {
    write("weir.yaml", "services:\n  inventory: {command: x}\n");
    Files.createDirectories(folder.resolve("team"));
    write("team/weir.yaml", "services:\n  payments: {command: y}\n");
    assertEquals(List.of(), source.scan().findings());
    write("weir.yaml", POLICY.formatted("4s").replace("name: inventory, ", "name: other, "));
    assertFalse(source.scan().findings().isEmpty(), "one of that name is read if it is none");
  }

  @Test
  void mendedFileIsInForce() throws IOException {
    write("b-policy.yaml", "nonsense: [");
    source.scan();
    write("b-policy.yaml", POLICY.formatted("4s"));
    Linked linked = source.scan();
    assertEquals(List.of(), linked.findings());
    assertEquals(Duration.ofSeconds(4), request(linked.model()));
  }

  @Test
  void changeThatDoesNotFitTheOtherFilesIsTakenBack() throws IOException {
    write("b-policy.yaml", POLICY.formatted("4s").replace("name: inventory}]", "name: inventry}]"));
    Linked linked = source.scan();
    assertTrue(
        linked.findings().getFirst().toString().contains("did you mean \"inventory\"?"),
        linked.findings()::toString);
    assertEquals(Duration.ofSeconds(2), request(linked.model()));
  }

  @Test
  void removedFileIsOutOfForceAndWhatReferredToItIsReported() throws IOException {
    Files.delete(folder.resolve("a-service.yaml"));
    Linked linked = source.scan();
    assertTrue(linked.model().services().isEmpty());
    assertTrue(linked.model().policies(ResilienceSpec.class).isEmpty());
    assertEquals(1, linked.findings().size());
  }

  @Test
  void resourceOfTheSameNameInAnotherFileIsRefusedAndTheFirstHolds() throws IOException {
    write("c.yaml", SERVICE.formatted("inventory"));
    Linked linked = source.scan();
    assertEquals(
        folder.resolve("c.yaml")
            + ":3: Service shop/inventory: metadata.name: is already at "
            + folder.resolve("a-service.yaml")
            + ":1; names are unique within a kind and namespace",
        linked.findings().getFirst().toString());
    assertEquals(1, linked.model().services().size());
  }

  @Test
  void newFileTakesNoNameFromOneInForceNotEvenLater() throws IOException {
    write("a-newer.yaml", SERVICE.formatted("inventory").replace("http", "other"));
    assertEquals("http", portOfInventory(source.scan()));
    write("a-service.yaml", SERVICE.formatted("inventory") + "# the same, touched\n");
    Linked linked = source.scan();
    assertEquals("http", portOfInventory(linked));
    assertTrue(linked.findings().getFirst().at().file().endsWith("a-newer.yaml"), linked::toString);
    Files.delete(folder.resolve("a-service.yaml"));
    assertEquals("other", portOfInventory(source.scan()));
  }

  @Test
  void newPolicyTakesNoSectionFromOneInForceAndKeepsItsOthers() throws IOException {
    write(
        "a-newer.yaml",
        POLICY.formatted("9s").replace("name: inventory, n", "name: a, n") + "  retry: {}\n");
    assertEquals(Duration.ofSeconds(2), request(source.scan().model(), "inventory"));
    write("b-policy.yaml", POLICY.formatted("3s"));
    Linked linked = source.scan();
    assertEquals(Duration.ofSeconds(3), request(linked.model(), "inventory"));
    assertEquals(Duration.ZERO, request(linked.model(), "a"));
    assertEquals(
        List.of(Set.of("retry"), Set.of("timeouts")),
        linked.model().policies(ResilienceSpec.class).stream()
            .map(attachment -> attachment.policy().spec().sections())
            .toList());
    assertEquals(
        List.of(folder.resolve("a-newer.yaml").toString()),
        linked.findings().stream().map(finding -> finding.at().file()).toList());
  }

  @Test
  void addressOfAServiceInForceIsNotGivenToANewOne() throws IOException {
    String service = SERVICE.replace("spec: {", "spec: {clusterIP: 10.96.0.1, ");
    write("a-service.yaml", service.formatted("inventory"));
    source.scan();
    write("a-newer.yaml", service.formatted("cart"));
    Linked linked = source.scan();
    assertEquals(
        Optional.of("10.96.0.1"),
        Objects.requireNonNull(linked.model().services().get(new ObjectName("shop", "inventory")))
            .clusterIp());
    assertTrue(linked.findings().getFirst().toString().endsWith("of Service shop/inventory"));
  }

  @Test
  void brokenNewFileContributesWhatIsRightInIt() throws IOException {
    write("c.yaml", SERVICE.formatted("cart") + "---\n" + SERVICE.formatted("B A D"));
    Linked linked = source.scan();
    assertEquals(1, linked.findings().size());
    assertTrue(linked.model().services().containsKey(new ObjectName("shop", "cart")));
  }

  @Test
  void folderThatGoesAwayLeavesEverythingInForce() throws IOException {
    Path away = folder.resolveSibling(folder.getFileName() + "-away");
    Files.move(folder, away);
    Linked gone = source.scan();
    Files.move(away, folder);
    assertTrue(gone.findings().getFirst().toString().contains("is not a folder"));
    assertEquals(1, gone.model().services().size());
    assertEquals(List.of(), source.scan().findings());
  }

  @Test
  void folderThatSaysNothingIsAFindingUntilItDoes() throws IOException {
    Files.delete(folder.resolve("a-service.yaml"));
    Files.delete(folder.resolve("b-policy.yaml"));
    assertEquals(1, source.scan().model().services().size());
    now = now.plusSeconds(2);
    Linked empty = source.scan();
    assertTrue(empty.model().isEmpty());
    assertTrue(
        empty.findings().getFirst().toString().startsWith(folder + ": there is no resource in it"),
        empty::toString);
    assertEquals(empty, source.scan());
    write("a-service.yaml", SERVICE.formatted("inventory"));
    assertEquals(List.of(), source.scan().findings());
  }

  @Test
  void hiddenFilesAndOtherKindsOfFilesAreNotRead() throws IOException {
    write(".hidden.yaml", "nonsense: [");
    write("notes.txt", "nonsense: [");
    assertEquals(List.of(), source.scan().findings());
  }

  @Test
  void hiddenFoldersAreNotEntered() throws IOException {
    Path hidden = Files.createDirectory(folder.resolve(".cache"));
    Files.createSymbolicLink(hidden.resolve("self"), hidden);
    write("c.yaml", SERVICE.formatted("cart"));
    Linked linked = source.scan();
    assertEquals(List.of(), linked.findings());
    assertEquals(2, linked.model().services().size());
  }

  @Test
  void folderThatCannotBeReadIsReportedAndWhatWasInItStays() throws IOException {
    Path more = Files.createDirectory(folder.resolve("more"));
    write("more/cart.yaml", SERVICE.formatted("cart"));
    source.scan();
    Files.move(more, folder.resolve(".away"));
    Files.createSymbolicLink(more, folder);
    write("c.yaml", SERVICE.formatted("orders"));
    Linked linked = source.scan();
    assertEquals(
        List.of(more + ":1: is a link to a folder that it is in; remove it"),
        linked.findings().stream().map(Object::toString).toList());
    assertEquals(3, linked.model().services().size());
    Files.delete(more);
    assertEquals(2, source.scan().model().services().size());
  }

  @Test
  void linkThatLeadsNowhereIsReportedAndWhatWasInForceStays() throws IOException {
    Path targets = Files.createDirectory(folder.resolve(".targets"));
    write(".targets/cart.yaml", SERVICE.formatted("cart"));
    Files.createDirectory(targets.resolve("more"));
    write(".targets/more/orders.yaml", SERVICE.formatted("orders"));
    Files.createSymbolicLink(folder.resolve("cart.yaml"), targets.resolve("cart.yaml"));
    Files.createSymbolicLink(folder.resolve("more"), targets.resolve("more"));
    assertEquals(3, source.scan().model().services().size());
    Files.move(targets, folder.resolve(".away"));
    Linked linked = source.scan();
    assertEquals(
        List.of(
            folder
                + "/cart.yaml:1: is a link to what cannot be read; mend it or remove it. Still in"
                + " force: the version of 14:02:11.",
            folder + "/more:1: is a link to what cannot be read; mend it or remove it"),
        linked.findings().stream().map(Object::toString).toList());
    assertEquals(3, linked.model().services().size());
    assertEquals(linked, source.scan());
    Files.move(folder.resolve(".away"), targets);
    assertEquals(List.of(), source.scan().findings());
  }

  @Test
  void linksAreSwappedAsKubernetesDoes() throws IOException {
    Path first = Files.createDirectory(folder.resolve("..1"));
    Path second = Files.createDirectory(folder.resolve("..2"));
    write("..1/cart.yaml", SERVICE.formatted("cart"));
    write("..2/cart.yaml", SERVICE.formatted("cart") + "---\n" + SERVICE.formatted("orders"));
    Files.createSymbolicLink(folder.resolve("..data"), first.getFileName());
    Files.createSymbolicLink(folder.resolve("cart.yaml"), Path.of("..data", "cart.yaml"));
    assertEquals(2, source.scan().model().services().size());
    Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), second.getFileName());
    Files.move(next, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    assertEquals(List.of(), source.scan().findings());
    assertEquals(3, source.scan().model().services().size());
  }

  @Test
  void pipeIsReportedAndAFolderIsEnteredWhateverItsName() throws Exception {
    Files.createDirectory(folder.resolve("d.yaml"));
    write("d.yaml/cart.yaml", SERVICE.formatted("cart"));
    Path pipe = folder.resolve("f.yaml");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Linked linked = source.scan();
    assertEquals(
        List.of(pipe + ":1: is neither a file nor a folder; remove it"),
        linked.findings().stream().map(Object::toString).toList());
    assertEquals(2, linked.model().services().size());
  }

  @Test
  void fileIsBelievedToBeEmptyAfterTwoSeconds() throws IOException {
    write("a-service.yaml", "");
    assertEquals(1, source.scan().model().services().size());
    write("a-service.yaml", SERVICE.formatted("inventory"));
    assertEquals(1, source.scan().model().services().size());
    write("a-service.yaml", "# nothing\n");
    assertEquals(1, source.scan().model().services().size());
    now = now.plusMillis(1999);
    assertEquals(1, source.scan().model().services().size(), "however often it is looked at");
    now = now.plusMillis(1);
    assertEquals(0, source.scan().model().services().size());
  }

  @Test
  void watchTellsOfAChangeAlsoInANewFolder() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    Runnable look =
        () -> {
          if (source.scan().model().services().size() == 2) {
            seen.countDown();
          }
        };
    try (FolderWatch watch = new FolderWatch(folder, Duration.ofMillis(100), look)) {
      Files.createDirectory(folder.resolve("more"));
      write("more/cart.yaml", SERVICE.formatted("cart"));
      assertTrue(seen.await(20, TimeUnit.SECONDS), watch::toString);
    }
  }

  private static String portOfInventory(Linked linked) {
    return Objects.requireNonNull(
            linked.model().services().get(new ObjectName("shop", "inventory")))
        .ports()
        .getFirst()
        .name();
  }

  private static Duration request(MeshModel model) {
    return request(model, "inventory");
  }

  private static Duration request(MeshModel model, String policy) {
    Timeouts timeouts =
        model.policies(ResilienceSpec.class).stream()
            .map(Policy.Attachment::policy)
            .filter(one -> one.name().name().equals(policy))
            .findFirst()
            .orElseThrow()
            .spec()
            .timeouts();
    return timeouts == null || timeouts.request() == null ? Duration.ZERO : timeouts.request();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }
}
