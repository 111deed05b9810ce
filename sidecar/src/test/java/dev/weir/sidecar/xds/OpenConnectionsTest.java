package dev.weir.sidecar.xds;

import static dev.weir.sidecar.xds.AdsResponses.send;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change that streams in holds for the next request of connections that are already open. */
class OpenConnectionsTest {
  @Test
  void theControlPlaneIsCalledByItsConfiguredAuthority() throws Exception {
    try (AdsTestServer server = new AdsTestServer()) {
      String named =
          AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port())
              .replace("{cluster_name: xds}", "{cluster_name: xds, authority: control.shop}");
      try (TestSidecar sidecar = TestSidecar.start(named, 1)) {
        assertEquals("control.shop", server.authority());
      }
    }
  }

  private static Any openTo(String range) {
    return TestDynamicConfig.any(
        Listener.getDefaultInstance(),
        """
        name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: rbac
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC
              stat_prefix: in
              rules: {action: ALLOW, policies: {p: {permissions: [{any: true}], principals: [{direct_remote_ip: {address_prefix: %s, prefix_len: 8}}]}}}
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: in
              route_config: {name: r, virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, direct_response: {status: 200}}]}]}
              http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
        """
            .formatted(range));
  }

  @Test
  void connectionOfWhoMayNoLongerConnectEnds() throws Exception {
    try (AdsTestServer server = new AdsTestServer();
        TestSidecar sidecar =
            TestSidecar.start(AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port()), 1)) {
      Conversation<DiscoveryRequest, DiscoveryResponse> stream = server.sotw();
      send(stream, ResourceType.CLUSTER, "c1");
      send(stream, ResourceType.LISTENER, "l1", openTo("127.0.0.0"));
      Await.until(() -> sidecar.sidecar().addresses().get("in") != null);
      try (RawClient open = new RawClient(sidecar.port())) {
        assertEquals(200, open.get("/").status());
        send(stream, ResourceType.LISTENER, "l2", openTo("10.0.0.0"));
        Await.until(() -> hasEnded(open));
      }
    }
  }

  private static Any relay(String name, Path log) {
    return TestDynamicConfig.any(
        Listener.getDefaultInstance(),
        """
        name: %s
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: tcp
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
              stat_prefix: in
              cluster: a
              access_log:
              - name: file
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                  path: %s
                  log_format: {text_format: "%%BYTES_RECEIVED%%\\n"}
        """
            .formatted(name, log));
  }

  @Test
  void relayThatIsOpenLeavesItsLineWhereLinesAreWantedWhenItEnds(@TempDir Path folder)
      throws Exception {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    try (ServerSocket app = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        AdsTestServer server = new AdsTestServer();
        TestSidecar sidecar =
            TestSidecar.start(AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port()), 1)) {
      Conversation<DiscoveryRequest, DiscoveryResponse> stream = server.sotw();
      send(stream, ResourceType.CLUSTER, "c1", TestDynamicConfig.cluster("a"));
      send(
          stream,
          ResourceType.ENDPOINTS,
          "e1",
          TestDynamicConfig.endpoints("a", app.getLocalPort()));
      send(stream, ResourceType.LISTENER, "l1", relay("in", first));
      Await.until(() -> sidecar.sidecar().addresses().get("in") != null);
      try (Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port());
          Socket accepted = app.accept()) {
        client.setSoTimeout(5000);
        client.getOutputStream().write('a');
        assertEquals('a', accepted.getInputStream().read());
        send(stream, ResourceType.LISTENER, "l2", relay("in", second), relay("later", second));
        Await.until(() -> sidecar.sidecar().addresses().get("later") != null);
        client.getOutputStream().write('b');
        assertEquals('b', accepted.getInputStream().read());
      }
      Await.until(() -> second.toFile().length() > 0);
      assertEquals("2\n", Files.readString(second));
      assertEquals(0, first.toFile().length());
    }
  }

  private static boolean hasEnded(RawClient open) {
    try {
      open.get("/");
      return false;
    } catch (IOException | AssertionError e) {
      return true;
    }
  }

  @Test
  void routeThatChangesHoldsOnOpenConnectionsOfBothProtocols() throws Exception {
    try (TestUpstream old = TestUpstream.replying("old");
        TestUpstream fresh = TestUpstream.replying("new");
        AdsTestServer server = new AdsTestServer();
        TestSidecar sidecar =
            TestSidecar.start(AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port()), 2)) {
      Conversation<DiscoveryRequest, DiscoveryResponse> stream = server.sotw();
      send(
          stream,
          ResourceType.CLUSTER,
          "c1",
          TestDynamicConfig.cluster("a"),
          TestDynamicConfig.cluster("b"));
      send(
          stream,
          ResourceType.ENDPOINTS,
          "e1",
          TestDynamicConfig.endpoints("a", old.port()),
          TestDynamicConfig.endpoints("b", fresh.port()));
      send(stream, ResourceType.LISTENER, "l1", TestDynamicConfig.listener("in", "table", "0s"));
      send(stream, ResourceType.ROUTE, "r1", TestDynamicConfig.routes("table", "a"));
      Await.until(() -> sidecar.sidecar().addresses().get("in") != null);
      try (RawClient first = new RawClient(sidecar.port());
          RawHttp2Client second = new RawHttp2Client(sidecar.port())) {
        Await.until(() -> body(first).equals("old"));
        assertEquals("old", body(second, 1));

        send(stream, ResourceType.ROUTE, "r2", TestDynamicConfig.routes("table", "b"));

        Await.until(() -> body(first).equals("new"));
        assertEquals("new", body(second, 3));
        assertEquals(2, sidecar.stat("http.in.downstream_cx_total"), "the same connections");
      }
    }
  }

  private static String body(RawClient client) {
    try {
      return client.get("/").body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String body(RawHttp2Client client, int stream) throws IOException {
    client.get(stream, "/").flush();
    return client.await(RawHttp2Client.DATA, stream).text();
  }
}
