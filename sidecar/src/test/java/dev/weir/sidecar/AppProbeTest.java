package dev.weir.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.UpstreamFilters;
import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.sidecar.transport.ClusterTransports;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.testkit.AdsTestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which ports of the app are said to accept, and what it costs to find out. */
class AppProbeTest {
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
  private final ControlThread control = new ControlThread(executor, log::add);
  private final BlockingQueue<List<Integer>> reports = new LinkedBlockingQueue<>();
  private final Loops loops = TestLoops.of(1);
  private final ClusterManager clusters =
      new ClusterManager(
          loops,
          new Stats(2),
          LoadBalancers::of,
          config -> ClusterTransports.plain(),
          UpstreamFilters.NONE);
  private final AppProbe probe =
      new AppProbe(clusters, loops, new Connector(loops), control, "xds", reports::add);
  private final List<Socket> waiting = new ArrayList<>();
  private ServerSocket app;

  @BeforeEach
  void listen() throws IOException {
    app = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    executor.shutdownNow();
    loops.close();
    app.close();
    for (Socket socket : waiting) {
      socket.close();
    }
  }

  private void connectTimeout(String timeout) {
    clusters.put(
        List.of(
            Resources.cluster(
                """
                name: app
                type: STATIC
                connect_timeout: %s
                load_assignment:
                  cluster_name: app
                  endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
                """
                    .formatted(timeout, app.getLocalPort()))),
        Map.of());
  }

  /** The app is too busy to accept, and the system takes nothing more on its behalf. */
  private void fillTheQueue() throws IOException {
    while (true) {
      Socket socket = new Socket();
      waiting.add(socket);
      try {
        socket.connect(app.getLocalSocketAddress(), 50);
      } catch (SocketTimeoutException e) {
        return;
      }
    }
  }

  @Test
  void anAppThatLeavesConnectionsWaitingHoldsNothingElseUp() throws Exception {
    connectTimeout("60s");
    fillTheQueue();
    control.execute(probe::run);

    assertEquals("done", executor.submit(() -> "done").get(5, TimeUnit.SECONDS));
  }

  @Test
  void anAppThatIsBusyForAMomentStaysAnEndpointAndOneThatIsStuckDoesNot() throws Exception {
    connectTimeout("0.2s");
    // Looks that are not answered begin when the queue is full, by the probe's own connections too.
    long start = System.nanoTime();
    control.repeat(Duration.ofMillis(1), probe::run);
    assertEquals(List.of(app.getLocalPort()), AdsTestServer.take(reports));

    fillTheQueue();
    assertEquals(List.of(), AdsTestServer.take(reports));
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertTrue(millis > 400, () -> "three looks of 200 ms take more than " + millis + " ms");
  }

  @Test
  void anAppThatIsGoneIsNoEndpointAtOnce() throws Exception {
    connectTimeout("60s");
    control.repeat(Duration.ofMillis(1), probe::run);
    assertEquals(List.of(app.getLocalPort()), AdsTestServer.take(reports));

    app.close();
    assertEquals(List.of(), AdsTestServer.take(reports));
  }

  @Test
  void aTaskThatFailsIsReportedAndRepeatedAllTheSame() {
    control.repeat(
        Duration.ofMillis(1),
        () -> {
          throw new IllegalStateException("as asked");
        });

    AdsTestServer.take(log);
    assertEquals(
        "xds: an internal error on the control thread: java.lang.IllegalStateException: as asked",
        AdsTestServer.take(log));
  }
}
