package dev.weir.sidecar.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.UpstreamFilters;
import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.sidecar.transport.ClusterTransports;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestUpstream;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that are kept for later: so many over all hosts, and none to a host that left. */
class IdleConnectionsTest {
  private static final int MOST = 3;

  private final Loops loops = TestLoops.of(1);
  private final Stats stats = new Stats(2);
  private final ClusterManager clusters =
      new ClusterManager(
          loops,
          stats,
          LoadBalancers::of,
          config -> ClusterTransports.plain(),
          UpstreamFilters.NONE);
  private final Pools pools = new Pools(loops.get(0), stats.slab(0), new Connector(loops), MOST);
  private final AsyncClient client = new AsyncClient(clusters, pools);
  private final List<TestUpstream> apps = new ArrayList<>();

  IdleConnectionsTest() {
    clusters.addListener(pools::removed);
  }

  @AfterEach
  void stop() throws IOException {
    loops.close();
    for (TestUpstream app : apps) {
      app.close();
    }
  }

  private TestUpstream app() throws IOException {
    TestUpstream app = TestUpstream.replying("ok");
    apps.add(app);
    return app;
  }

  private static Cluster cluster(String name, int port, String protocol) {
    return Resources.cluster(
        """
        name: %1$s
        type: STATIC
        %3$s
        load_assignment:
          cluster_name: %1$s
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %2$d}}}}]}]
        """
            .formatted(name, port, protocol));
  }

  private int call(String cluster) throws Exception {
    return begin(cluster).get(5, TimeUnit.SECONDS);
  }

  private CompletableFuture<Integer> begin(String cluster) {
    Answer answer = new Answer();
    loops
        .get(0)
        .eventLoop()
        .execute(() -> {
          Headers request = Headers.request("GET", "app", "/");
          client.start(
              cluster,
              Protocol.HTTP1,
              request,
              true,
              new AsyncClient.Options(java.time.Duration.ofSeconds(5), 0, 1024),
              answer);
        });
    return answer.status;
  }

  private long evicted(String cluster) {
    return stat("cluster." + cluster + ".upstream_cx_idle_evicted");
  }

  private long stat(String name) {
    return stats.read().stream()
        .filter(each -> each.name().text().equals(name))
        .mapToLong(Stats.Reading::value)
        .sum();
  }

  @Test
  void overTheBoundTheLongestIdleCloses() throws Exception {
    List<Cluster> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(cluster("c" + i, app().port(), ""));
    }
    clusters.put(all, Map.of());
    for (int i = 0; i < MOST; i++) {
      assertEquals(200, call("c" + i));
    }
    assertEquals(200, call("c0")); // the longest idle is c1 now
    assertEquals(200, call("c3"));
    Await.until(() -> apps.get(1).openConnections() == 0);
    assertEquals(200, call("c4"));
    Await.until(() -> apps.get(2).openConnections() == 0);
    assertEquals(List.of(1, 0, 0, 1, 1), apps.stream().map(TestUpstream::openConnections).toList());
    assertEquals(
        List.of(0L, 1L, 1L, 0L, 0L),
        List.of(evicted("c0"), evicted("c1"), evicted("c2"), evicted("c3"), evicted("c4")));
    assertEquals(1, apps.getFirst().connections());
    assertEquals(200, call("c1"));
    assertEquals(2, apps.get(1).connections());
  }

  @Test
  void aConnectionInUseIsNotIdleWhicheverItsProtocol() throws Exception {
    try (RawHttp2Server server = new RawHttp2Server()) {
      List<Cluster> all = new ArrayList<>();
      all.add(cluster("h2", server.port(), "http2_protocol_options: {}"));
      for (int i = 0; i < 4; i++) {
        all.add(cluster("c" + i, app().port(), ""));
      }
      clusters.put(all, Map.of());
      CompletableFuture<Integer> slow = begin("h2");
      try (RawHttp2Client connection = server.accept()) {
        int id = connection.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        for (int i = 0; i < MOST; i++) {
          assertEquals(200, call("c" + i));
        }
        connection.headers(id, true, ":status", "200").flush();
        assertEquals(200, slow.get(5, TimeUnit.SECONDS));
        Await.until(() -> apps.getFirst().openConnections() == 0); // it came to be idle last
        assertEquals(200, call("c3"));
        Await.until(() -> apps.get(1).openConnections() == 0);
        assertEquals(200, call("c0"));
        Await.until(() -> apps.get(2).openConnections() == 0);
        assertEquals(0, evicted("h2"));
        assertEquals(200, call("c1"));
        Await.until(() -> evicted("h2") == 1);
        connection.await(frame -> frame.type() == RawHttp2Client.GOAWAY);
      }
    }
  }

  @Test
  void thoseOfAHostThatLeftCloseAtOnce() throws Exception {
    TestUpstream app = app();
    TestUpstream other = app();
    clusters.put(List.of(cluster("c", app.port(), "")), Map.of());
    assertEquals(200, call("c"));
    assertEquals(1, app.openConnections());
    clusters.put(List.of(cluster("c", other.port(), "")), Map.of());
    Await.until(() -> app.openConnections() == 0);
    assertEquals(200, call("c"));
    clusters.retain(List.of());
    Await.until(() -> other.openConnections() == 0);
  }

  private static final class Answer implements StreamDecoder {
    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private int seen;

    private void end(boolean endStream) {
      if (endStream) {
        status.complete(seen);
      }
    }

    @Override
    public void informational(Headers headers) {}

    @Override
    public void headers(Headers headers, boolean endStream) {
      seen = headers.status();
      end(endStream);
    }

    @Override
    public void data(ByteBuf data, boolean endStream) {
      data.release();
      end(endStream);
    }

    @Override
    public void trailers(Headers trailers) {
      end(true);
    }

    @Override
    public void reset(ResetReason reason, String details) {
      status.completeExceptionally(new IOException(reason + " " + details));
    }

    @Override
    public void writable(boolean writable) {}
  }
}
