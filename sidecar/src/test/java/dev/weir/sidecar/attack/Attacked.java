package dev.weir.sidecar.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.ShippedJvm;
import dev.weir.testkit.Attack;
import dev.weir.testkit.Attackers;
import dev.weir.testkit.Await;
import dev.weir.testkit.ProgramProcess;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.TestUpstream;
import dev.weir.testkit.Transport;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A sidecar that takes attacks in turn, with its apps and somebody who means well. */
final class Attacked implements AutoCloseable {
  private static final long NANOS = 300_000_000L;

  /**
   * What all attacks together may add to a process that is hardly warm. Some 20 are measured; what
   * was mended here took 200 and more.
   */
  private static final int MOST_MIB = 64;

  private final Path folder;
  private final String probed;
  private final Clients clients;
  private final TestUpstream hostile = HostileApp.start();
  private final GoodApp good = new GoodApp();
  private final Bootstrap config;
  private ProgramProcess sidecar;
  private long before;

  /** Makes the connections of those who mean well. */
  interface Clients {
    Socket to(int port) throws IOException;
  }

  /** With these apps. */
  interface Configured {
    Bootstrap with(int hostile, int good);
  }

  /**
   * @param folder for what it reads and says
   * @param probed the listener of those who mean well
   */
  Attacked(Path folder, Configured configured, String probed, Clients clients) throws IOException {
    this.folder = folder;
    this.probed = probed;
    this.clients = clients;
    this.config = configured.with(hostile.port(), good.port());
    this.sidecar = start();
  }

  private ProgramProcess start() throws IOException {
    Path bootstrap = folder.resolve("bootstrap.yaml");
    Files.writeString(bootstrap, config.yaml());
    ProgramProcess started =
        new ProgramProcess(
            ShippedJvm.command("dev.weir.sidecar.Main", "--config=" + bootstrap),
            folder.resolve("said"),
            listens(probed));
    int port = started.port(listens(probed));
    try (RawClient client = new RawClient(clients.to(port))) {
      for (int i = 0; i < 5000; i++) {
        client.get("/");
      }
      for (int i = 0; i < 10; i++) {
        client.get("/big");
      }
    }
    try (RawHttp2Client client = RawHttp2Client.over(clients.to(port))) {
      for (int i = 0; i < 2000; i++) {
        client.get(2 * i + 1, "/").flush();
        client.await(RawHttp2Client.DATA, 2 * i + 1);
      }
    }
    before = started.residentMiB();
    return started;
  }

  /** What it says before the address of a listener. */
  private static String listens(String listener) {
    return "listener " + listener + ": ";
  }

  /** What one has done is not laid at the next one's door. */
  void startAnewIfTooLarge() throws IOException {
    if (!sidecar.isAlive() || sidecar.residentMiB() > before + MOST_MIB) {
      sidecar.close();
      sidecar = start();
    }
  }

  /** Others are served meanwhile, and the memory is there again when it is over. */
  void bears(Attack attack, Transport transport, String listener) throws Exception {
    int port = sidecar.port(listens(probed));
    List<String> failures;
    try (Probe probe = new Probe(() -> new RawClient(clients.to(port)));
        Attackers attackers = new Attackers(attack, transport, sidecar.port(listens(listener)))) {
      assertTrue(attackers.run(NANOS) > 0, "nobody has attacked");
      failures = probe.failures();
    }
    hostile.take();
    assertEquals(List.of(), failures, sidecar::said);
    assertTrue(sidecar.isAlive(), sidecar::said);
    Await.until(
        () -> sidecar.residentMiB() <= before + MOST_MIB,
        () -> "RSS " + sidecar.residentMiB() + " MiB, before " + before);
  }

  @Override
  public void close() throws IOException {
    sidecar.close();
    hostile.close();
    good.close();
  }
}
