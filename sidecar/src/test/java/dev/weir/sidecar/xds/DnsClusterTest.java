package dev.weir.sidecar.xds;

import static dev.weir.sidecar.xds.AdsResponses.send;
import static dev.weir.sidecar.xds.TestDynamicConfig.listener;
import static dev.weir.sidecar.xds.TestDynamicConfig.routes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestDnsServer;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clusters at names that stream in, and one that the stream itself goes to. */
final class DnsClusterTest {
  private TestDnsServer dns;
  private TestUpstream app;
  private AdsTestServer server;

  @BeforeEach
  void start() throws IOException {
    dns = new TestDnsServer();
    app = TestUpstream.replying("app");
    server = new AdsTestServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    app.close();
    dns.close();
  }

  private Any cluster(String name, String host, int port) {
    return TestDynamicConfig.any(
        Cluster.getDefaultInstance(), yaml(name, "cluster_type", host, port));
  }

  /**
   * In both forms.
   *
   * @param form {@code cluster_type} or {@code type}
   */
  private String yaml(String name, String form, String host, int port) {
    String resolver =
        """
        typed_dns_resolver_config: {name: cares, typed_config: {"@type": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig, resolvers: [{socket_address: {address: 127.0.0.1, port_value: %d}}], query_timeout_seconds: 1}}, dns_refresh_rate: 0.02s, dns_lookup_family: V4_ONLY\
        """
            .formatted(dns.port());
    return """
    {name: %s, connect_timeout: 1s, %s,
     load_assignment: {cluster_name: %s, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: %s, port_value: %d}}}}]}]}}
    """
        .formatted(
            name,
            form.equals("type")
                ? "type: STRICT_DNS, http2_protocol_options: {}, " + resolver
                : "cluster_type: {name: envoy.clusters.dns, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster, "
                    + resolver
                    + "}}",
            name,
            host,
            port);
  }

  private static void take(
      Conversation<DiscoveryRequest, DiscoveryResponse> stream,
      ResourceType type,
      String version,
      Any... resources) {
    send(stream, type, version, resources);
  }

  private static boolean listens(TestSidecar sidecar) {
    return sidecar.sidecar().addresses().containsKey("in");
  }

  private static String get(TestSidecar sidecar) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.get("/").body();
    }
  }

  @Test
  void clusterComesIntoForceWhenItsNameHasBeenLookedUpAndIsNotAskedForOnceItIsGone()
      throws Exception {
    dns.ignore("app.test");
    try (TestSidecar sidecar =
        TestSidecar.start(AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port()), 1)) {
      Conversation<DiscoveryRequest, DiscoveryResponse> stream = server.sotw();
      take(stream, ResourceType.CLUSTER, "1", cluster("app", "app.test.", app.port()));
      take(stream, ResourceType.LISTENER, "1", listener("in", "table", "0s"));
      take(stream, ResourceType.ROUTE, "1", routes("table", "app"));
      Await.until(() -> dns.questions().size() > 1);
      assertFalse(listens(sidecar), "its routes wait for the cluster");

      dns.answer("app.test", 60, "127.0.0.1");
      Await.until(() -> listens(sidecar));
      assertEquals("app", get(sidecar), "it comes with its hosts");

      take(stream, ResourceType.CLUSTER, "2", cluster("other", "other.test.", app.port()));
      Await.until(() -> sidecar.sidecar().clusters().get("app") == null);
      long asked = dns.questions().stream().filter("app.test A"::equals).count();
      long others = dns.questions().size() - asked;
      Await.until(() -> dns.questions().size() > asked + others + 10);
      // One may have been on its way.
      assertTrue(dns.questions().stream().filter("app.test A"::equals).count() <= asked + 1);
    }
  }

  @Test
  void nameThatCannotBeLookedUpHoldsNothingBackForLong() throws Exception {
    dns.refuse("app.test", TestDnsServer.SERVFAIL);
    try (TestSidecar sidecar =
        TestSidecar.start(AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port()), 1)) {
      Conversation<DiscoveryRequest, DiscoveryResponse> stream = server.sotw();
      take(stream, ResourceType.CLUSTER, "1", cluster("app", "app.test.", app.port()));
      take(stream, ResourceType.LISTENER, "1", listener("in", "table", "0s"));
      take(stream, ResourceType.ROUTE, "1", routes("table", "app"));
      Await.until(() -> listens(sidecar));
      assertEquals("no healthy upstream", get(sidecar));
    }
  }

  @Test
  void streamGoesToTheNewAddressWhenTheControlPlaneHasMoved() throws Exception {
    dns.answer("xds.test", 60, "127.0.0.1");
    String bootstrap =
        AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port())
                .replaceAll("(?s)- name: xds\n.*", "")
                .stripTrailing()
            + "\n  - "
            + yaml("xds", "type", "xds.test.", server.port()).replace("\n", " ").strip()
            + "\n";
    try (TestSidecar sidecar = TestSidecar.start(bootstrap, 1)) {
      Conversation<DiscoveryRequest, DiscoveryResponse> stream = server.sotw();
      take(stream, ResourceType.CLUSTER, "1", cluster("app", "127.0.0.1", app.port()));
      Await.until(() -> sidecar.sidecar().clusters().get("app") != null);

      try (AdsTestServer moved =
          new AdsTestServer(
              new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), server.port()))) {
        dns.answer("xds.test", 60, "127.0.0.2");
        server.close();
        assertEquals("cart-0", moved.sotw().next().getNode().getId());
      }
    }
  }
}
