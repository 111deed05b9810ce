package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.cli.mesh.MeshFolder;
import dev.weir.sidecar.member.RestartPolicy;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of an instance while the control plane answers, and while it does not. */
class ProgressTest {
  private static final String PROXY =
      """
      [{"node": "cart-1", "service": "shop/cart", "address": "10.88.0.2", "inSync": true,
        "readyPorts": ["8080"], "types": {}}]
      """;

  @TempDir Path folder;
  private MeshFolder mesh;
  private Progress progress;
  private Instance instance;
  private MemberPages member;

  @BeforeEach
  void start() throws IOException {
    mesh = new MeshFolder(folder.resolve("mesh"));
    progress = new Progress(mesh);
    Path weir = folder.resolve("weir");
    Files.writeString(weir, "#!/bin/sh\nmkfifo \"$0.fifo\"\nread line <\"$0.fifo\"\n");
    Files.setPosixFilePermissions(weir, PosixFilePermissions.fromString("rwx------"));
    instance = Instance.start(weir, folder, service(), 1, "cart-1", line -> {});
    member = MemberPages.create(mesh, "cart-1", instance.pid());
  }

  private Service service() {
    return new Service(
        "cart",
        List.of("true"),
        folder,
        Map.of(),
        List.of(),
        Map.of(),
        RestartPolicy.NO,
        Duration.ZERO,
        1);
  }

  @AfterEach
  void stop() throws Exception {
    member.close();
    instance.kill();
    instance.await();
  }

  private String text() {
    return progress.of(instance).text();
  }

  @Test
  void oneWhoseSidecarIsNotReadyIsStarting() {
    assertEquals("starting", text());
  }

  @Test
  void whatTheControlPlaneSaysIsSaid() throws IOException {
    member.says("/proxies", PROXY).open();
    assertEquals("ready", text());

    member.says("/proxies", PROXY.replace("true", "false"));
    assertEquals("not ready", text());
  }

  @Test
  void oneThatWasReadyIsTakenToBeWhileTheControlPlaneIsAway() throws IOException {
    member.says("/proxies", PROXY).open();
    assertEquals("ready", text());

    member.isSilent();
    assertEquals("ready when last asked: the control plane does not answer", text());
    assertEquals(Progress.Stage.READY, progress.of(instance).stage());

    member.says("/proxies", "[]");
    assertEquals(
        "ready when last asked: its sidecar is not connected to the control plane", text());
  }

  /** Somebody has its port, and nobody answers. */
  @Test
  void aControlPlaneThatHangsIsNotWaitedForForEver() throws Exception {
    try (ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      hanging.bind(UnixDomainSocketAddress.of(member.folder().resolve("control-plane")));
      progress = new Progress(new MeshFolder(mesh.folder(), Duration.ofMillis(50)));
      assertEquals(
          Map.of(
              instance,
              new Progress.State(
                  Progress.Stage.UNKNOWN, "unknown: the control plane does not answer")),
          progress.of(List.of(instance)));
    }
  }

  @Test
  void oneThatWasNotReadyMayBeMeanwhile() throws IOException {
    member.says("/proxies", PROXY.replace("true", "false")).open();
    assertEquals("not ready", text());

    member.isSilent();
    assertEquals("unknown: the control plane does not answer", text());
    assertEquals(Progress.Stage.UNKNOWN, progress.of(instance).stage());
  }
}
