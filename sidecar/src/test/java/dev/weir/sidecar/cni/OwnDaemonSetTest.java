package dev.weir.sidecar.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class OwnDaemonSetTest {
  private static final OwnDaemonSet.Name NAME = OwnDaemonSet.Name.parse("weir-system/weir-cni");

  @TempDir Path folder;
  private TestCa ca;

  @BeforeEach
  void account() throws IOException {
    Files.writeString(folder.resolve("token"), "the-token\n");
    ca = TestCa.create(folder, "root");
    Files.copy(ca.certificate(), folder.resolve("ca.crt"));
  }

  private TestUpstream answering(int status, String body) throws Exception {
    return TestUpstream.start(
        (request, out) -> TestUpstream.reply(out, status, body),
        ca.context(ca.issue("127.0.0.1")).getServerSocketFactory());
  }

  private OwnDaemonSet at(int port) {
    return new OwnDaemonSet(NAME, URI.create("https://127.0.0.1:" + port), folder);
  }

  @Test
  void oneThatIsThereIsNotGone() throws Exception {
    try (TestUpstream server = answering(200, "{\"metadata\":{\"name\":\"weir-cni\"}}")) {
      assertFalse(at(server.port()).isGone());
      TestUpstream.Request asked = server.next();
      assertEquals(
          "GET /apis/apps/v1/namespaces/weir-system/daemonsets/weir-cni HTTP/1.1", asked.line());
      assertEquals("Bearer the-token", asked.field("authorization"));
    }
  }

  @Test
  void oneThatEndsOrIsNotThereOrWhoseAccountIsNotIsGone() throws Exception {
    try (TestUpstream server =
        answering(200, "{\"metadata\":{\"deletionTimestamp\":\"2026-11-28T00:00:00Z\"}}")) {
      assertTrue(at(server.port()).isGone());
    }
    for (int status : new int[] {401, 403, 404}) {
      try (TestUpstream server = answering(status, "{}")) {
        assertTrue(at(server.port()).isGone(), "status " + status);
      }
    }
  }

  @Test
  void serverThatDoesNotSayOrIsAnotherLeavesItOpen() throws Exception {
    try (TestUpstream server = answering(500, "{}")) {
      assertThrows(IOException.class, at(server.port())::isGone);
    }
    try (ClosedPort nobody = new ClosedPort()) {
      assertThrows(IOException.class, at(nobody.port())::isGone);
    }
    try (TestUpstream server = answering(404, "{}")) {
      Path other = Files.createDirectory(folder.resolve("other"));
      Files.copy(
          TestCa.create(other, "other").certificate(),
          folder.resolve("ca.crt"),
          StandardCopyOption.REPLACE_EXISTING);
      assertThrows(IOException.class, at(server.port())::isGone);
    }
  }

  @Test
  void nameThatIsNoneIsSaid() {
    assertThrows(IllegalArgumentException.class, () -> OwnDaemonSet.Name.parse("weir-cni"));
    assertThrows(IllegalArgumentException.class, () -> OwnDaemonSet.Name.parse("a/../b"));
  }
}
