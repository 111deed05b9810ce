package dev.weir.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ends first when a sidecar is told to stop: the requests of others, then the app's own. */
class DrainTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private TestUpstream app;
  private TestUpstream other;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("app");
    other = TestUpstream.replying("other");
    sidecar =
        TestSidecar.start(
            """
            admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
            static_resources:
              listeners:
            %s%s
              clusters:
            %s%s
            """
                .formatted(
                    listener("in", "INBOUND", "app"),
                    listener("out", "OUTBOUND", "other"),
                    cluster("app", app.port()),
                    cluster("other", other.port())),
            1);
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    app.close();
    other.close();
  }

  private static String listener(String name, String direction, String cluster) {
    return """
      - name: %s
        traffic_direction: %s
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: envoy.filters.network.http_connection_manager
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: %s
              route_config:
                virtual_hosts:
                - {name: all, domains: ["*"], routes: [{match: {prefix: "/"}, route: {cluster: %s}}]}
              http_filters:
              - name: envoy.filters.http.router
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
    """
        .formatted(name, direction, name, cluster);
  }

  private static String cluster(String name, int port) {
    return """
      - name: %s
        type: STATIC
        load_assignment:
          cluster_name: %s
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
    """
        .formatted(name, name, port);
  }

  private FutureTask<Integer> beginDrain() {
    FutureTask<Integer> drain = new FutureTask<>(() -> sidecar.sidecar().drain(LONG));
    Thread.ofVirtual().start(drain);
    return drain;
  }

  private void awaitRefusal(int port) {
    Await.until(() -> {
      try (RawClient late = new RawClient(port)) {
        return false;
      } catch (IOException e) {
        return e instanceof ConnectException;
      }
    });
  }

  @Test
  void appThatIsAnsweringMayStillCallOthers() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    int outbound = sidecar.port("out");
    int inbound = sidecar.port("in");
    app.script((request, out) -> {
      try {
        called.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      try (RawClient client = new RawClient(outbound)) {
        return TestUpstream.reply(out, 200, "with " + client.get("/").body());
      }
    });
    try (RawClient client = new RawClient(inbound)) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      app.next();
      FutureTask<Integer> drain = beginDrain();
      awaitRefusal(inbound);
      called.countDown();
      assertEquals("with other", client.read(false).body());
      assertTrue(client.closedWithin(5000));
      assertEquals(0, drain.get());
    }
  }

  @Test
  void connectionsOfTheAppEndAfterThoseOfOthers() throws Exception {
    int inbound = sidecar.port("in");
    try (RawClient own = new RawClient(sidecar.port("out"))) {
      assertEquals("other", own.get("/").body());
      FutureTask<Integer> drain = beginDrain();
      awaitRefusal(inbound);
      assertTrue(own.closedWithin(5000));
      assertEquals(0, drain.get());
    }
  }

  @Test
  void afterCloseNothingListens() throws Exception {
    int inbound = sidecar.port("in");
    int outbound = sidecar.port("out");
    sidecar.close();
    assertThrows(ConnectException.class, () -> new RawClient(inbound).close());
    assertThrows(ConnectException.class, () -> new RawClient(outbound).close());
  }
}
