package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints of one cluster that are spoken to in different ways, by their metadata. */
class TransportSocketMatchesTest {
  @TempDir Path folder;

  private static String tls(Path root) {
    return "{name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {validation_context: {trusted_ca: {filename: "
        + root
        + "}}}}}";
  }

  @Test
  void endpointIsSpokenToAsItsMetadataSays() throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    try (TestUpstream open = TestUpstream.replying("plain");
        TestUpstream secret =
            TestUpstream.start(
                (request, out) -> TestUpstream.reply(out, 200, "tls"),
                ca.context(ca.issue("app")).getServerSocketFactory())) {
      String matches =
          "transport_socket_matches:\n- {name: mutual, match: {tlsMode: istio}, transport_socket: "
              + tls(ca.certificate())
              + "}\n- {name: plain, match: {}, transport_socket: {name: envoy.transport_sockets.raw_buffer}}";
      String yaml =
          TestConfig.to(secret.port(), open.port())
              .cluster(matches)
              .yaml()
              .replace(
                  "port_value: " + secret.port() + "}}}",
                  "port_value: "
                      + secret.port()
                      + "}}}\n          metadata: {filter_metadata: {envoy.transport_socket_match: {tlsMode: istio}}}");
      try (TestSidecar sidecar = TestSidecar.start(yaml, 1);
          RawClient client = new RawClient(sidecar.port())) {
        Set<String> bodies = new TreeSet<>();
        for (int i = 0; i < 4; i++) {
          bodies.add(client.get("/").body());
        }
        assertEquals(Set.of("plain", "tls"), bodies);
        assertEquals(1, sidecar.stat("cluster.app.ssl.handshake"));
      }
    }
  }
}
