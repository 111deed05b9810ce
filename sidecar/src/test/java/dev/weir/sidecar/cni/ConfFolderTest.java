package dev.weir.sidecar.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfFolderTest {
  private static final String LIST =
      """
      {"cniVersion": "0.4.0", "name": "k8s", "disableCheck": true, "plugins": [
      \t{"type": "ptp", "mtu": 1500, "share": 0.50, "note": "a \\"b\\" {]", "ipam": {"type": "host-local"}},
      \t{"type": "portmap", "capabilities": {"portMappings": true}}]}
      """;

  private static final String CHAINED =
      """
      {
       "cniVersion": "0.4.0",
       "name": "k8s",
       "disableCheck": true,
       "plugins": [
        {
         "type": "ptp",
         "mtu": 1500,
         "share": 0.50,
         "note": "a \\"b\\" {]",
         "ipam": {
          "type": "host-local"
         }
        },
        {
         "type": "portmap",
         "capabilities": {
          "portMappings": true
         }
        },
        {
         "type": "weir-cni",
         "capabilities": {
          "io.kubernetes.cri.pod-annotations": true
         }
        }
       ]
      }
      """;

  @TempDir Path folder;

  private Path put(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Path own() {
    return folder.resolve(ConfFolder.OWN);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void pluginComesBehindThoseOfTheNodeWhoseConfStaysAsItIs() throws Exception {
    put("10-k8s.conflist", LIST);
    assertEquals(
        new ConfFolder.State.Chained("10-k8s.conflist", false), new ConfFolder(folder).look());
    assertEquals(CHAINED, Files.readString(own()));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own())));
    assertEquals(LIST, Files.readString(folder.resolve("10-k8s.conflist")));
    assertEquals(List.of(ConfFolder.OWN, "10-k8s.conflist"), names());
  }

  @Test
  void confOfOnePluginBecomesAList() throws Exception {
    put("10-k8s.conf", "{\"name\": \"one\", \"cniVersion\": \"0.3.1\", \"type\": \"bridge\"}");
    new ConfFolder(folder).look();
    assertEquals(
        """
        {
         "cniVersion": "0.3.1",
         "name": "one",
         "plugins": [
          {
           "name": "one",
           "cniVersion": "0.3.1",
           "type": "bridge"
          },
          {
           "type": "weir-cni",
           "capabilities": {
            "io.kubernetes.cri.pod-annotations": true
           }
          }
         ]
        }
        """,
        Files.readString(own()));
  }

  @Test
  void toChainTwiceIsToChainOnce() throws Exception {
    put("10-k8s.conflist", LIST);
    new ConfFolder(folder).look();
    FileTime before = FileTime.from(Instant.EPOCH);
    Files.setLastModifiedTime(own(), before);
    new ConfFolder(folder).look();
    assertEquals(before, Files.getLastModifiedTime(own()), "it was written again");
    assertEquals(CHAINED, Files.readString(own()));
  }

  @Test
  void networkThatChangesAndOneThatComesFirstAreTaken() throws Exception {
    ConfFolder confs = new ConfFolder(folder);
    put("10-k8s.conflist", LIST);
    confs.look();
    put("10-k8s.conflist", LIST.replace("1500", "9000"));
    confs.look();
    assertEquals(CHAINED.replace("1500", "9000"), Files.readString(own()));
    put("00-other.conflist", LIST.replace("k8s", "other"));
    assertEquals(new ConfFolder.State.Chained("00-other.conflist", false), confs.look());
    assertEquals(CHAINED.replace("k8s", "other"), Files.readString(own()));
    put("00-notes.txt", "no conf");
    assertEquals(new ConfFolder.State.Chained("00-other.conflist", false), confs.look());
  }

  @Test
  void ownConfThatSomebodyTookAwayIsThereAgain() throws Exception {
    ConfFolder confs = new ConfFolder(folder);
    put("10-k8s.conflist", LIST);
    confs.look();
    Files.delete(own());
    assertEquals(new ConfFolder.State.Chained("10-k8s.conflist", true), confs.look());
    assertEquals(CHAINED, Files.readString(own()));
    assertEquals(new ConfFolder.State.Chained("10-k8s.conflist", false), confs.look());
  }

  @Test
  void confBeforeOursIsToldSinceNoPodIsRedirected() throws Exception {
    put("-first.conflist", LIST);
    ConfFolder.State.Broken broken =
        assertInstanceOf(ConfFolder.State.Broken.class, new ConfFolder(folder).look());
    assertEquals(
        folder.resolve("-first.conflist")
            + " comes before 0-weir.conflist, so that no pod is redirected; rename it",
        broken.problem());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"cniVersion\": \"0.4.0\", \"name\": \"x\", \"plugins\": [}  | 10-k8s.conflist:1: not valid YAML",
        "[]                                                            | 10-k8s.conflist: expected one JSON object",
        "{\"name\": \"x\", \"type\": \"bridge\"}                       | 10-k8s.conflist:1: cniVersion: \"\" chains no plugins",
        "{\"cniVersion\": \"0.2.0\", \"name\": \"x\", \"type\": \"b\"} | 10-k8s.conflist:1: cniVersion: \"0.2.0\" chains no plugins",
        "{\"cniVersion\": \"1.0.0\", \"type\": \"bridge\"}             | 10-k8s.conflist:1: name: missing",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"x\"}                  | 10-k8s.conflist:1: neither plugins nor type",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"x\", \"plugins\": []} | 10-k8s.conflist:1: plugins: expected a list",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"x\", \"plugins\": [{\"type\": \"weir-cni\"}]} | plugins: weir-cni is in it already",
      })
  void brokenConfIsToldAndWhatWasChainedStays(String text, String problem) throws Exception {
    ConfFolder confs = new ConfFolder(folder);
    put("10-k8s.conflist", LIST);
    confs.look();
    put("10-k8s.conflist", text);
    ConfFolder.State.Broken broken = assertInstanceOf(ConfFolder.State.Broken.class, confs.look());
    assertTrue(broken.problem().contains(problem), broken.problem());
    assertEquals(CHAINED, Files.readString(own()));
    assertEquals(text, Files.readString(folder.resolve("10-k8s.conflist")));
  }

  @Test
  void networkThatGoesTakesOursWithItButNotWhileItIsReplaced() throws Exception {
    ConfFolder confs = new ConfFolder(folder);
    Path source = put("10-k8s.conflist", LIST);
    confs.look();
    Files.delete(source);
    confs.look();
    assertEquals(new ConfFolder.State.NoNetwork(), confs.look());
    assertTrue(Files.exists(own()));
    put("10-k8s.conflist", LIST);
    confs.look();
    Files.delete(source);
    confs.look();
    confs.look();
    assertTrue(Files.exists(own()));
    assertEquals(new ConfFolder.State.NoNetwork(), confs.look());
    assertFalse(Files.exists(own()));
    put("10-k8s.conflist", LIST);
    assertEquals(new ConfFolder.State.Chained("10-k8s.conflist", false), confs.look());
  }

  @Test
  void nodeIsAsItWasWhenThePluginIsTakenOut() throws Exception {
    ConfFolder confs = new ConfFolder(folder);
    put("10-k8s.conflist", LIST);
    confs.look();
    confs.remove();
    confs.remove();
    assertEquals(List.of("10-k8s.conflist"), names());
    assertEquals(LIST, Files.readString(folder.resolve("10-k8s.conflist")));
  }
}
