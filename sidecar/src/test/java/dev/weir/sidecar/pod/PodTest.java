package dev.weir.sidecar.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import dev.weir.cli.Program;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodTest {
  @TempDir Path folder;

  private List<String> words(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--pod=cart-0",
                "--namespace=shop",
                "--service-account=cart",
                "--address=10.244.0.5",
                "--control-plane=weir-control-plane.weir-system.svc:15012",
                "--roots=" + folder.resolve("root-cert.pem"),
                "--token=" + folder.resolve("token"),
                "--folder=" + folder.resolve("run")));
    words.addAll(List.of(more));
    return words;
  }

  private Arguments arguments(String... more) {
    List<Arguments> read = new ArrayList<>();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Arguments.program()
            .run(
                words(more).toArray(String[]::new),
                new PrintStream(new ByteArrayOutputStream()),
                new PrintStream(err),
                values -> {
                  read.add(Arguments.of(values));
                  return Program.OK;
                });
    assertEquals(0, status, err.toString(StandardCharsets.UTF_8));
    return read.getFirst();
  }

  @Test
  void bootstrapIsTakenWholeAndSaysWhichPodItIs() throws Exception {
    Files.createFile(folder.resolve("token"));
    Path file = folder.resolve("bootstrap.yaml");
    Files.writeString(
        file,
        arguments("--probe=http:8080:/healthz=app/readiness", "--probe=grpc:9000=15100")
            .bootstrap());
    switch (new BootstrapLoader(FieldPolicy.REJECT, new CompileCheck()).load(file)) {
      case Loaded.Accepted accepted -> {
        assertEquals(List.of(), accepted.unhonoured());
        assertEquals("cart-0.shop", accepted.bootstrap().node().id());
      }
      case Loaded.Rejected rejected -> fail(rejected.toString());
      case Loaded.Unreadable unreadable -> fail(unreadable.toString());
    }
  }

  @Test
  void kubeletGetsTheAnswerOfTheAppsOwnProbeAndNothingElseOfIt() throws Exception {
    try (TestUpstream app = TestUpstream.replying("fine")) {
      ProbeListeners listeners =
          new ProbeListeners(
              0, List.of(Probe.parse("http:" + app.port() + ":/health\\1/z=app/readiness")));
      try (TestSidecar sidecar =
          TestSidecar.start(
              "static_resources:\n  listeners:\n"
                  + listeners.listeners()
                  + "  clusters:\n"
                  + listeners.clusters(),
              1)) {
        try (RawClient kubelet = new RawClient(sidecar.port("status"))) {
          RawClient.Response answer = kubelet.get("/probe/app/readiness?full=1");
          assertEquals(200, answer.status());
          assertEquals("fine", answer.body());
          assertEquals("GET /health\\1/z?full=1 HTTP/1.1", app.next().line());
          assertEquals(404, kubelet.get("/health\\1/z").status());
          assertEquals(404, kubelet.get("/probe/app/readiness/more").status());
          assertEquals(404, kubelet.get("/probe/app/liveness").status());
          assertEquals(0, app.take().size());
        }
      }
    }
  }

  @Test
  void probeThatIsNoneIsSaid() {
    for (String wrong :
        List.of("http:8080=x", "http:8080:healthz=x", "tcp:80:/=x", "grpc:9000", "grpc:x=15100")) {
      assertThrows(IllegalArgumentException.class, () -> Probe.parse(wrong), wrong);
    }
  }
}
