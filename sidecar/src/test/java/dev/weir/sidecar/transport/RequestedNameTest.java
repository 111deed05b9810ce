package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code auto_sni} and {@code auto_san_validation}, to a server with a chain for each name. */
class RequestedNameTest {
  private static final String CHAIN =
      """
              - filter_chain_match: {%s}
                transport_socket: {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {alpn_protocols: [h2, http/1.1], tls_certificates: [%s]}}}
                filters:
                - name: http
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                    stat_prefix: in
                    route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, direct_response: {status: 200, body: {inline_string: %s}}}]}]}
                    http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
      """;

  @TempDir Path folder;

  private TestCa ca;
  private TestSidecar callee;

  @BeforeEach
  void start() {
    ca = TestCa.create(folder, "ca");
    String own = TestConfig.certificate(ca.issue("*.shop"));
    callee =
        TestSidecar.start(
            """
            static_resources:
              listeners:
              - name: in
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                listener_filters: [{name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}}]
                filter_chains:
            """
                + CHAIN.formatted("server_names: [a.shop]", own, "a")
                + CHAIN.formatted("server_names: [b.shop]", own, "b")
                + CHAIN.formatted("", own, "other"),
            1);
  }

  @AfterEach
  void stop() {
    callee.close();
  }

  private TestConfig caller(String protocol, String names) {
    return TestConfig.to(callee.port())
        .upstreamTls(
            "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate()),
            "sni: configured")
        .cluster(
            """
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                %s
                upstream_http_protocol_options: {%s}\
            """
                .formatted(protocol, names));
  }

  private TestConfig caller(String names) {
    return caller("explicit_http_config: {http_protocol_options: {}}", names);
  }

  private static String answer(TestSidecar sidecar, String fields) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response =
          client.send("GET / HTTP/1.1\r\n" + fields + "\r\n\r\n").read(false);
      return response.status() == 200 ? response.body() : String.valueOf(response.status());
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "explicit_http_config: {http_protocol_options: {}}",
        "explicit_http_config: {http2_protocol_options: {}}",
        "auto_config: {}"
      })
  void hostOfTheRequestIsTheNameThatIsSent(String protocol) throws IOException {
    try (TestSidecar caller = caller(protocol, "auto_sni: true").start()) {
      assertEquals("a", answer(caller, "Host: a.shop"));
      assertEquals("b", answer(caller, "Host: B.shop:8443"));
      assertEquals("a", answer(caller, "Host: a.shop:8443"));
      assertEquals("other", answer(caller, "Host: c.shop"));
      assertEquals(3, caller.stat("cluster.app.upstream_cx_total"));
    }
  }

  @Test
  void addressIsNoNameToSend() throws IOException {
    try (TestSidecar caller = caller("auto_sni: true").start()) {
      assertEquals("other", answer(caller, "Host: 127.0.0.1:80"));
      assertEquals("other", answer(caller, "Host: [::1]"));
      assertEquals(1, caller.stat("cluster.app.upstream_cx_total"));
    }
  }

  @Test
  void hostThatTheRouteWritesIsTheOneThatIsSent() throws IOException {
    try (TestSidecar caller =
        caller("auto_sni: true").route("host_rewrite_literal: b.shop").start()) {
      assertEquals("b", answer(caller, "Host: a.shop"));
    }
  }

  @Test
  void headerNamesTheHostWhereTheRequestHasIt() throws IOException {
    try (TestSidecar caller =
        caller("auto_sni: true, override_auto_sni_header: X-Called").start()) {
      assertEquals("b", answer(caller, "Host: a.shop\r\nx-called: b.shop:1"));
      assertEquals("a", answer(caller, "Host: a.shop"));
      assertEquals("a", answer(caller, "Host: a.shop\r\nx-called:"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a.shop, a",
    "bank, 503",
    "b.a.shop, 503",
    "127.0.0.1, 503",
    "[::1]:80, 503",
  })
  void certificateMustBeForTheHostOfTheRequest(String host, String expected) throws IOException {
    try (TestSidecar caller = caller("auto_sni: true, auto_san_validation: true").start()) {
      assertEquals(expected, answer(caller, "Host: " + host));
      assertEquals(expected.equals("503") ? 1 : 0, caller.stat("cluster.app.ssl.fail_verify_san"));
    }
  }

  @Test
  void addressThatTheCertificateIsForIsTaken() throws IOException {
    callee.close();
    callee =
        TestSidecar.start(
            """
            static_resources:
              listeners:
              - name: in
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                filter_chains:
            """
                + CHAIN.formatted(
                    "", TestConfig.certificate(ca.issue("app", "127.0.0.1", "::1")), "it"),
            1);
    try (TestSidecar caller = caller("auto_san_validation: true").start()) {
      assertEquals("it", answer(caller, "Host: 127.0.0.1:80"));
      assertEquals("it", answer(caller, "Host: [::1]:80"));
      assertEquals("503", answer(caller, "Host: 127.0.0.2"));
    }
  }

  /** Both have the address in common, by which sessions are found again. */
  @Test
  void sessionOfOneNameDoesNotStandForAnother() throws IOException {
    try (TestSidecar caller =
        caller("auto_san_validation: true").cluster("max_requests_per_connection: 1").start()) {
      for (int i = 0; i < 3; i++) {
        assertEquals("other", answer(caller, "Host: a.shop"));
        assertEquals("503", answer(caller, "Host: bank"));
      }
    }
  }

  @Test
  void requestWithoutAHostIsNotSentToAnyone() throws IOException {
    try (TestSidecar caller = caller("auto_san_validation: true").start();
        RawClient client = new RawClient(caller.port())) {
      client.send("GET / HTTP/1.0\r\n\r\n");
      assertNotEquals("200", client.readUntil(text -> text.contains("\r\n")).substring(9, 12));
    }
  }

  @Test
  void nameIsOfNoUseWithoutWhomToTrust() {
    String yaml =
        caller("auto_san_validation: true").yaml().replaceFirst("validation_context: \\{.*?}}", "");
    AssertionError refused = assertThrows(AssertionError.class, () -> TestConfig.managerOf(yaml));
    assertTrue(
        refused
            .toString()
            .contains(
                "upstream_http_protocol_options.auto_san_validation: needs a validation_context"),
        refused.toString());
  }
}
