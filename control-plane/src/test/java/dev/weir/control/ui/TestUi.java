package dev.weir.control.ui;

import dev.weir.control.admin.AdminServer;
import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ServicePort;
import dev.weir.control.source.file.FolderSource;
import dev.weir.control.traffic.Durations;
import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.MeshEvents;
import dev.weir.control.traffic.Outcome;
import dev.weir.control.traffic.Reporter;
import dev.weir.control.traffic.Sample;
import dev.weir.control.traffic.TrafficStore;
import dev.weir.control.ui.mesh.MeshLook;
import dev.weir.control.ui.mesh.MeshPages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/** The live page of a folder's mesh whose traffic is told by hand. */
final class TestUi implements AutoCloseable {
  final TrafficStore store = new TrafficStore(10_000, 64 << 20);
  final MeshEvents events = new MeshEvents();
  private final InstantSource clock;
  private final Ui ui;
  private final AdminServer server;

  /** At the time of {@code clock}. */
  TestUi(Path folder, String yaml, InstantSource clock) throws IOException {
    this(folder, yaml, clock, Map.of());
  }

  /**
   * @param more pages that the control plane has not
   */
  TestUi(Path folder, String yaml, InstantSource clock, Map<String, Page> more) throws IOException {
    this.clock = clock;
    Files.writeString(folder.resolve("mesh.yaml"), yaml);
    Linked linked =
        new Sources(List.of(new FolderSource(folder, Clock.systemUTC())), ZoneOffset.UTC).scan();
    Map<String, Page> pages =
        new HashMap<>(new MeshPages(new Look(linked), store, events, clock).pages());
    pages.putAll(more);
    this.ui = new Ui(pages, Duration.ofMillis(200));
    this.server =
        new AdminServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Map.of(), ui.handlers());
  }

  private record Look(Linked linked) implements MeshLook {
    @Override
    public SortedMap<ServicePort, SortedSet<Endpoint>> endpoints() {
      return new TreeMap<>(linked.model().endpoints());
    }

    @Override
    public List<Map<String, Object>> proxies() {
      return List.of();
    }
  }

  InetSocketAddress address() {
    return server.address();
  }

  String url() {
    return "http://127.0.0.1:" + server.address().getPort();
  }

  /** Calls over HTTP that took 10 ms each, told now by who called; the oldest are told first. */
  void told(String from, String to, long count, String responseClass, String cause, String policy) {
    told(Reporter.SOURCE, from, to, count, responseClass, cause, policy, clock.millis());
  }

  void told(
      Reporter reporter,
      String from,
      String to,
      long count,
      String responseClass,
      String cause,
      String policy,
      long millis) {
    told(
        reporter,
        from,
        to,
        count,
        new Outcome("http", responseClass, "", cause, policy, "", ""),
        millis);
  }

  void told(Reporter reporter, String from, String to, long count, Outcome outcome, long millis) {
    Durations durations = new Durations(Durations.SCALE_SENT);
    durations.add(Durations.SCALE_SENT, -53, count);
    store.add(
        new Sample(new Edge(from, to, 8080), reporter, outcome, count, 0, 0, durations), millis);
  }

  @Override
  public void close() {
    server.close();
    ui.close();
  }
}
