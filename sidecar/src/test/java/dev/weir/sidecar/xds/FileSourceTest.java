package dev.weir.sidecar.xds;

import static dev.weir.sidecar.xds.SourceResources.clusterYaml;
import static dev.weir.sidecar.xds.SourceResources.endpointsYaml;
import static dev.weir.sidecar.xds.SourceResources.listenerYaml;
import static dev.weir.sidecar.xds.SourceResources.response;
import static dev.weir.sidecar.xds.SourceResources.routesYaml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole sidecar whose configuration is in files. */
@Tag("slow")
class FileSourceTest {
  private final ByteArrayOutputStream complaints = new ByteArrayOutputStream();
  @TempDir private Path folder;
  private TestUpstream even;
  private TestUpstream odd;

  @BeforeEach
  void start() throws IOException {
    even = TestUpstream.replying("even");
    odd = TestUpstream.replying("odd");
    moveIn("clusters", response(ResourceType.CLUSTER, "1", clusterYaml("a", source("endpoints"))));
    moveIn("endpoints", response(ResourceType.ENDPOINTS, "1", endpointsYaml("a", even.port())));
    moveIn(
        "listeners", response(ResourceType.LISTENER, "1", listenerYaml("table", source("routes"))));
    moveIn("routes", response(ResourceType.ROUTE, "1", routesYaml("table", "a")));
  }

  @AfterEach
  void stop() throws IOException {
    odd.close();
    even.close();
  }

  private String source(String name) {
    return "{path_config_source: {path: \"%s\"}}".formatted(folder.resolve(name + ".yaml"));
  }

  private void moveIn(String name, String text) throws IOException {
    Path file = folder.resolve(name + ".yaml");
    Path beside = Files.writeString(folder.resolve(name + ".new"), text);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private TestSidecar sidecar() {
    return sidecar(source("listeners"), source("clusters"));
  }

  private TestSidecar sidecar(String lds, String cds) {
    return TestSidecar.start(
        SourceResources.bootstrap(lds, cds, 1, ""),
        1,
        Optional.empty(),
        new PrintStream(complaints, true, StandardCharsets.UTF_8));
  }

  private static boolean answers(TestSidecar sidecar, String body) {
    if (!sidecar.sidecar().addresses().containsKey("in")) {
      return false;
    }
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.get("/").body().equals(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean told(String part) {
    return complaints.toString(StandardCharsets.UTF_8).contains(part);
  }

  @Test
  void aFileThatIsMovedInReachesTraffic() throws IOException {
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() -> answers(sidecar, "even"));

      moveIn("endpoints", response(ResourceType.ENDPOINTS, "2", endpointsYaml("a", odd.port())));
      Await.until(() -> answers(sidecar, "odd"));
    }
  }

  @Test
  void jsonAndTheOlderPathAreTakenToo() throws IOException {
    moveIn(
        "clusters",
        """
        {"resources": [{"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "a", "type": "EDS",
         "edsClusterConfig": {"edsConfig": {"path": "%s"}}}]}
        """
            .formatted(folder.resolve("endpoints.yaml")));
    try (TestSidecar sidecar =
        sidecar(source("listeners"), "{path: \"%s\"}".formatted(folder.resolve("clusters.yaml")))) {
      Await.until(() -> answers(sidecar, "even"));
    }
  }

  @Test
  void aFileThatIsWrittenInPlaceIsTakenOnceItIsAtRest() throws IOException {
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() -> answers(sidecar, "even"));

      Files.writeString(
          folder.resolve("endpoints.yaml"),
          response(ResourceType.ENDPOINTS, "2", endpointsYaml("a", odd.port())));
      Await.until(() -> answers(sidecar, "odd"));
    }
  }

  /** As Kubernetes renews a volume: what is there leads through a link that is replaced. */
  @Test
  void aFolderThatIsSwappedIsSeenByTheDirectoryThatIsWatched() throws IOException {
    Path volume = Files.createDirectory(folder.resolve("volume"));
    version(volume, "1", even.port());
    Files.createSymbolicLink(volume.resolve("..data"), Path.of("1"));
    Files.createSymbolicLink(volume.resolve("endpoints.yaml"), Path.of("..data/endpoints.yaml"));
    moveIn(
        "clusters",
        response(
            ResourceType.CLUSTER,
            "1",
            clusterYaml(
                "a",
                "{path_config_source: {path: \"%s\", watched_directory: {path: \"%s\"}}}"
                    .formatted(volume.resolve("endpoints.yaml"), volume))));
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() -> answers(sidecar, "even"));

      version(volume, "2", odd.port());
      Path link = Files.createSymbolicLink(volume.resolve("..new"), Path.of("2"));
      Files.move(link, volume.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
      Await.until(() -> answers(sidecar, "odd"));
    }
  }

  /** So that several files come into force together. */
  @Test
  void withADirectoryThatIsWatchedTheFileItselfIsNot() throws IOException {
    Path watched = Files.createDirectory(folder.resolve("watched"));
    moveIn(
        "clusters",
        response(
            ResourceType.CLUSTER,
            "1",
            clusterYaml(
                "a",
                "{path_config_source: {path: \"%s\", watched_directory: {path: \"%s\"}}}"
                    .formatted(folder.resolve("endpoints.yaml"), watched))));
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() -> answers(sidecar, "even"));

      moveIn("endpoints", response(ResourceType.ENDPOINTS, "2", endpointsYaml("a", odd.port())));
      for (int looks = 2; looks < 5; looks++) {
        int expected = looks;
        moveIn("routes", response(ResourceType.ROUTE, "" + looks, routesYaml("table", "a")));
        Await.until(() -> sidecar.stat("rds.update_success") == expected);
      }
      assertTrue(answers(sidecar, "even"));

      Files.writeString(watched.resolve("done"), "");
      Await.until(() -> answers(sidecar, "odd"));
    }
  }

  private static void version(Path volume, String name, int port) throws IOException {
    Path version = Files.createDirectory(volume.resolve(name));
    Files.writeString(
        version.resolve("endpoints.yaml"),
        response(ResourceType.ENDPOINTS, name, endpointsYaml("a", port)));
  }

  @Test
  void aBrokenFileIsToldOnceWithItsLineAndTheLastOneStays() throws IOException {
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() -> answers(sidecar, "even"));

      moveIn("clusters", "version_info: \"2\"\nresources: [\n");
      String line = folder.resolve("clusters.yaml") + ":3: ";
      Await.until(() -> told(line));
      assertTrue(told("what it held before stays in force"));
      moveIn("clusters", "version_info: \"3\"\nresuorces: []\n");
      Await.until(() -> told("did you mean \"resources\"?"));
      assertTrue(answers(sidecar, "even"));

      moveIn(
          "clusters",
          response(
              ResourceType.CLUSTER,
              "4",
              clusterYaml("a", source("endpoints")),
              "{name: b, no_such_field: 1}",
              "{name: c, lb_policy: RING_HASH}"));
      Await.until(() -> told("cluster \"b\": " + folder.resolve("clusters.yaml") + ":4: "));
      Await.until(() -> told("cluster \"c\": lb_policy: RING_HASH is not supported"));
      assertTrue(answers(sidecar, "even"));
    }
    assertEquals(
        1, complaints.toString(StandardCharsets.UTF_8).split("clusters.yaml:3: ").length - 1);
  }

  @Test
  void aNameThatIsNotInTheFileIsNotWaitedFor() throws IOException {
    moveIn("routes", response(ResourceType.ROUTE, "1", routesYaml("other", "a")));
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
      assertFalse(answers(sidecar, "even"));

      moveIn("routes", response(ResourceType.ROUTE, "2", routesYaml("table", "a")));
      Await.until(() -> answers(sidecar, "even"));
    }
  }

  @Test
  void whatIsInTheFileAlreadyIsThereWhenItIsNamed() throws IOException {
    moveIn(
        "endpoints",
        response(
            ResourceType.ENDPOINTS,
            "1",
            endpointsYaml("a", even.port()),
            endpointsYaml("b", odd.port())));
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() -> answers(sidecar, "even"));

      moveIn(
          "clusters", response(ResourceType.CLUSTER, "2", clusterYaml("b", source("endpoints"))));
      moveIn("routes", response(ResourceType.ROUTE, "2", routesYaml("table", "b")));
      Await.until(() -> answers(sidecar, "odd"));
    }
  }

  @Test
  void aFileThatIsNotThereIsToldAndReadOnceItIs() throws IOException {
    Path routes = folder.resolve("routes.yaml");
    Files.delete(routes);
    try (TestSidecar sidecar = sidecar()) {
      Await.until(() -> told(routes + ": there is no such file; nothing of it is in force"));

      moveIn("routes", response(ResourceType.ROUTE, "1", routesYaml("table", "a")));
      Await.until(() -> answers(sidecar, "even"));
    }
  }
}
