package dev.weir.sidecar.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestDnsServer;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A whole sidecar whose cluster is at a name: where requests go as its addresses change. */
final class DnsProxyTest {
  private static final String OFTEN = "dns_refresh_rate: 0.02s";

  private TestDnsServer dns;
  private TestUpstream first;
  private TestUpstream second;

  @BeforeEach
  void start() throws IOException {
    dns = new TestDnsServer();
    first = TestUpstream.replying("first");
    second = TestUpstream.beside(first, "127.0.0.2", "second");
  }

  @AfterEach
  void stop() throws IOException {
    second.close();
    first.close();
    dns.close();
  }

  /** With one cluster at {@code app.test.} on the upstreams' port. */
  private TestSidecar sidecar(String type, String yaml) {
    String resolver =
        """
        typed_dns_resolver_config:
          name: envoy.network.dns_resolver.cares
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig
            resolvers: [{socket_address: {address: 127.0.0.1, port_value: %d}}]
            query_timeout_seconds: 1
            query_tries: 1
        """
            .formatted(dns.port());
    String config =
        TestConfig.to(first)
            .cluster(resolver + yaml)
            .yaml()
            .replace("type: STATIC", "type: " + type)
            .replace(
                "address: 127.0.0.1, port_value: " + first.port(),
                "address: app.test., port_value: " + first.port());
    return TestSidecar.start(config, 1);
  }

  private static String get(TestSidecar sidecar) {
    try (RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response = client.get("/");
      return response.status() == 200 ? response.body() : String.valueOf(response.status());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long stat(TestSidecar sidecar, String name) {
    return sidecar.stat("cluster.app." + name);
  }

  private static List<Host> hosts(TestSidecar sidecar) {
    return Objects.requireNonNull(sidecar.sidecar().clusters().get("app")).hosts().all();
  }

  @Test
  void requestsGoToTheNewAddressWhenTheAnswerHasChanged() {
    dns.answer("app.test", 60, "127.0.0.1");
    try (TestSidecar sidecar = sidecar("STRICT_DNS", OFTEN)) {
      assertEquals("first", get(sidecar), "from the first request on");

      dns.answer("app.test", 60, "127.0.0.2");
      Await.until(() -> get(sidecar).equals("second"));
      assertEquals("second", get(sidecar));
      assertEquals(1, stat(sidecar, "membership_total"));
      assertEquals(0, stat(sidecar, "update_failure"));
      long attempts = stat(sidecar, "update_attempt");
      Await.until(() -> stat(sidecar, "update_attempt") > attempts + 2);
      assertTrue(stat(sidecar, "update_no_rebuild") > 0);
      assertTrue(stat(sidecar, "update_success") >= attempts);
    }
  }

  @Test
  void everyAddressIsAHostAndOneThatStaysIsTheSameHost() {
    dns.answer("app.test", 60, "127.0.0.1");
    try (TestSidecar sidecar = sidecar("STRICT_DNS", OFTEN)) {
      Host before = hosts(sidecar).getFirst();

      dns.answer("app.test", 60, "127.0.0.2", "127.0.0.1");
      Await.until(() -> hosts(sidecar).size() == 2);
      assertEquals(2, List.of(get(sidecar), get(sidecar)).stream().distinct().count());
      assertSame(before, hosts(sidecar).getLast());
    }
  }

  @Test
  void failureKeepsTheLastHosts() {
    dns.answer("app.test", 60, "127.0.0.1");
    try (TestSidecar sidecar = sidecar("STRICT_DNS", OFTEN)) {
      dns.refuse("app.test", TestDnsServer.SERVFAIL);
      Await.until(() -> stat(sidecar, "update_failure") >= 3);
      assertEquals("first", get(sidecar));

      dns.answer("app.test", 60, "127.0.0.2");
      Await.until(() -> get(sidecar).equals("second"));
    }
  }

  @Test
  void nameThatIsGoneEmptiesAStrictCluster() {
    dns.answer("app.test", 60, "127.0.0.1");
    try (TestSidecar sidecar = sidecar("STRICT_DNS", OFTEN)) {
      assertEquals("first", get(sidecar));

      dns.forget("app.test");
      Await.until(() -> get(sidecar).equals("503"));
      assertEquals(0, stat(sidecar, "update_failure"), "no address is an answer");
    }
  }

  @Test
  void nameThatIsGoneLeavesALogicalClusterAsItIs() {
    dns.answer("app.test", 60, "127.0.0.1", "127.0.0.2");
    try (TestSidecar sidecar = sidecar("LOGICAL_DNS", OFTEN)) {
      dns.forget("app.test");
      Await.until(() -> stat(sidecar, "update_empty") >= 3);
      assertEquals("first", get(sidecar));
      assertEquals(1, hosts(sidecar).size(), "the first address alone");
      long empty = stat(sidecar, "update_empty");
      assertTrue(stat(sidecar, "update_failure") >= empty);
    }
  }

  @Test
  void logicalClusterUsesANewAddressForNewConnectionsAlone() {
    dns.answer("app.test", 60, "127.0.0.1");
    try (TestSidecar sidecar = sidecar("LOGICAL_DNS", OFTEN)) {
      assertEquals("first", get(sidecar));
      Host host = hosts(sidecar).getFirst();

      dns.answer("app.test", 60, "127.0.0.2");
      Await.until(() -> host.toString().startsWith("127.0.0.2:"));
      assertEquals("first", get(sidecar), "its connection is there still");

      first.script((request, out) -> {
        TestUpstream.write(
            out, "HTTP/1.1 200 X\r\ncontent-length: 4\r\nconnection: close\r\n\r\nlast");
        return false;
      });
      assertEquals("last", get(sidecar));
      assertEquals("second", get(sidecar));
      assertSame(host, hosts(sidecar).getFirst());
      assertEquals(1, first.connections());
    }
  }

  @Test
  void startsThoughNobodyAnswersAndServesOnceSomebodyDoes() {
    dns.ignore("app.test");
    try (TestSidecar sidecar = sidecar("STRICT_DNS", "dns_lookup_family: V4_ONLY\n" + OFTEN)) {
      assertEquals("503", get(sidecar));
      assertTrue(stat(sidecar, "update_failure") > 0);

      dns.answer("app.test", 60, "127.0.0.1");
      Await.until(() -> get(sidecar).equals("first"));
    }
  }

  @Test
  void timeToLiveSaysWhenToAskAgain() {
    dns.answer("app.test", 1, "127.0.0.1");
    try (TestSidecar sidecar =
        sidecar("STRICT_DNS", "respect_dns_ttl: true\ndns_refresh_rate: 600s")) {
      assertEquals("first", get(sidecar));
      dns.answer("app.test", 1, "127.0.0.2");
      Await.until(() -> get(sidecar).equals("second"));
    }
  }

  private static boolean hasIpv6() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0));
      return true;
    } catch (SocketException e) {
      return false;
    }
  }

  @Test
  void addressesOfBothFamiliesAreHosts() throws IOException {
    assumeTrue(hasIpv6(), "this machine has no IPv6, not even on its loopback");
    dns.answer("app.test", 60, "127.0.0.1", "::1");
    try (TestUpstream sixth = TestUpstream.beside(first, "::1", "sixth");
        TestSidecar sidecar = sidecar("STRICT_DNS", "dns_lookup_family: ALL")) {
      assertEquals(
          List.of("first", "sixth"),
          List.of(get(sidecar), get(sidecar)).stream().sorted().toList());
      assertEquals(1, sixth.connections());
    }
  }
}
