package dev.weir.sidecar.accesslog.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestLogReceiver;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.config.core.v3.RequestMethod;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry.HTTPVersion;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPRequestProperties;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPResponseProperties;
import io.envoyproxy.envoy.data.accesslog.v3.TCPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.TLSProperties;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an entry of an access log over gRPC tells, field by field. */
@Tag("slow")
class GrpcLogFieldsTest {
  private static final String TRAILED =
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nX-Kind: plain\r\n\r\n3\r\nabc\r\n0\r\nx-end: 1\r\n\r\n";

  @TempDir Path folder;

  private TestUpstream app;
  private TestLogReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    app =
        TestUpstream.start((request, out) -> {
          out.write(TRAILED.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
          out.flush();
          return true;
        });
    receiver = new TestLogReceiver();
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
    app.close();
  }

  private String yaml(TestConfig config, String log) {
    return GrpcLogConfig.withReceiver(config.manager(log).yaml(), receiver.port());
  }

  /** The one entry of a request. */
  private HTTPAccessLogEntry logged(TestConfig config, String common, String fields, String request)
      throws IOException {
    String log = GrpcLogConfig.log("Http", "", common, fields);
    try (TestSidecar sidecar = TestSidecar.start(yaml(config, log), 1);
        RawClient client = new RawClient(sidecar.port())) {
      client.send(request).read(false);
      return receiver.awaitHttp(1).getFirst();
    }
  }

  private static long nanos(Duration time) {
    return time.getSeconds() * 1_000_000_000L + time.getNanos();
  }

  @Test
  void anEntryHasTheRequest() throws IOException {
    String fields =
        """
        additional_request_headers_to_log: [X-Shop, ":path", x-none]
        """;
    String body = "hello";
    HTTPAccessLogEntry entry =
        logged(
            TestConfig.to(app).route("prefix_rewrite: /new/"),
            "",
            fields,
            "POST /cart?a=1 HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: mozilla\r\nReferer: http://a/"
                + "\r\nX-Forwarded-For: 10.9.8.7\r\nX-Request-Id: id-1\r\nX-Shop: a\r\nX-Shop: \u00c3\u00a9"
                + "\r\nContent-Length: 5\r\n\r\n"
                + body);
    assertEquals(HTTPVersion.HTTP11, entry.getProtocolVersion());
    HTTPRequestProperties request = entry.getRequest();
    assertEquals(RequestMethod.POST, request.getRequestMethod());
    assertEquals("http", request.getScheme());
    assertEquals("shop.test", request.getAuthority());
    assertEquals("/new/cart?a=1", request.getPath());
    assertEquals("/cart?a=1", request.getOriginalPath());
    assertEquals("mozilla", request.getUserAgent());
    assertEquals("http://a/", request.getReferer());
    assertTrue(request.getForwardedFor().startsWith("10.9.8.7"), request::toString);
    assertEquals("id-1", request.getRequestId());
    assertEquals("id-1", entry.getCommonProperties().getStreamId());
    assertEquals(5, request.getRequestBodyBytes());
    assertTrue(request.getRequestHeadersBytes() > 100, request::toString);
    assertTrue(request.getRequestHeadersBytes() < 500, request::toString);
    assertEquals(
        Map.of("x-shop", "a,\u00e9", ":path", "/new/cart?a=1"), request.getRequestHeadersMap());
  }

  @Test
  void anEntryHasTheResponse() throws IOException {
    String fields =
        """
        additional_response_headers_to_log: [X-Kind, x-none]
        additional_response_trailers_to_log: [X-End, x-none]
        """;
    HTTPResponseProperties response =
        logged(TestConfig.to(app), "", fields, "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n")
            .getResponse();
    assertEquals(200, response.getResponseCode().getValue());
    assertEquals("via_upstream", response.getResponseCodeDetails());
    assertEquals(3, response.getResponseBodyBytes());
    assertTrue(response.getResponseHeadersBytes() > 20, response::toString);
    assertTrue(response.getResponseHeadersBytes() < 300, response::toString);
    assertEquals(Map.of("x-kind", "plain"), response.getResponseHeadersMap());
    assertEquals(Map.of("x-end", "1"), response.getResponseTrailersMap());
  }

  @Test
  void anEntryHasWhoWhenAndWhere() throws IOException {
    long before = System.currentTimeMillis();
    HTTPAccessLogEntry entry =
        logged(
            TestConfig.to(app), "", "", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    AccessLogCommon common = entry.getCommonProperties();
    assertEquals("127.0.0.1", common.getDownstreamRemoteAddress().getSocketAddress().getAddress());
    assertEquals(common.getDownstreamRemoteAddress(), common.getDownstreamDirectRemoteAddress());
    assertTrue(common.getDownstreamLocalAddress().getSocketAddress().getPortValue() > 0);
    assertEquals(app.port(), common.getUpstreamRemoteAddress().getSocketAddress().getPortValue());
    assertEquals("app", common.getUpstreamCluster());
    assertEquals(1, common.getUpstreamRequestAttemptCount());
    assertEquals(AccessLogType.DownstreamEnd, common.getAccessLogType());
    Timestamp start = common.getStartTime();
    long began = Instant.ofEpochSecond(start.getSeconds(), start.getNanos()).toEpochMilli();
    assertTrue(began >= before && began <= System.currentTimeMillis(), () -> began + "");
    List<Duration> inTurn =
        List.of(
            common.getTimeToFirstUpstreamTxByte(),
            common.getTimeToLastUpstreamTxByte(),
            common.getTimeToFirstUpstreamRxByte(),
            common.getTimeToFirstDownstreamTxByte(),
            common.getTimeToLastUpstreamRxByte(),
            common.getTimeToLastDownstreamTxByte());
    long last = 1;
    for (Duration each : inTurn) {
      assertTrue(nanos(each) >= last, inTurn::toString);
      last = nanos(each);
    }
    assertTrue(common.hasTimeToLastRxByte());
    assertEquals(common.getTimeToLastDownstreamTxByte(), common.getDuration());
    assertFalse(common.hasTlsProperties());
    assertFalse(common.hasResponseFlags());
  }

  @Test
  void anEntryHasFlagsAndTheReasonOfAFailure() throws IOException {
    try (ClosedPort nobody = new ClosedPort()) {
      HTTPAccessLogEntry entry =
          logged(TestConfig.to(nobody.port()), "", "", "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      AccessLogCommon common = entry.getCommonProperties();
      assertTrue(common.getResponseFlags().getUpstreamConnectionFailure(), entry::toString);
      assertEquals(1, common.getResponseFlags().getAllFields().size());
      assertFalse(common.getUpstreamTransportFailureReason().isEmpty());
      assertFalse(common.hasTimeToFirstUpstreamTxByte());
      assertFalse(common.hasTimeToLastUpstreamRxByte());
      assertEquals(503, entry.getResponse().getResponseCode().getValue());
    }
  }

  @Test
  void anEntryHasTagsAndWhatFiltersHaveFoundOut() throws IOException {
    String tags =
        """
        custom_tags:
        - {tag: stage, literal: {value: test}}
        - {tag: shop, request_header: {name: X-Shop, default_value: none}}
        - {tag: other, request_header: {name: X-Other, default_value: none}}
        - {tag: empty, request_header: {name: X-Other}}
        """;
    String any = "{policies: {all: {permissions: [{any: true}], principals: [{any: true}]}}}";
    HTTPAccessLogEntry entry =
        logged(
            TestConfig.to(app)
                .filter(
                    "envoy.filters.http.rbac",
                    "envoy.extensions.filters.http.rbac.v3.RBAC",
                    "shadow_rules: " + any),
            tags,
            "",
            "GET / HTTP/1.1\r\nHost: a\r\nX-Shop: b\r\n\r\n");
    AccessLogCommon common = entry.getCommonProperties();
    assertEquals(Map.of("stage", "test", "shop", "b", "other", "none"), common.getCustomTagsMap());
    assertEquals(
        "allowed",
        common
            .getMetadata()
            .getFilterMetadataOrThrow("envoy.filters.http.rbac")
            .getFieldsOrThrow("shadow_engine_result")
            .getStringValue());
  }

  @Test
  void anEntryNamesItsRoute() throws IOException {
    String yaml =
        yaml(TestConfig.to(app), GrpcLogConfig.log("Http", "", "", ""))
            .replace(
                "- match: {prefix: \"/\"}", "- name: all\n                match: {prefix: \"/\"}");
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1);
        RawClient client = new RawClient(sidecar.port())) {
      client.get("/");
      assertEquals("all", receiver.awaitHttp(1).getFirst().getCommonProperties().getRouteName());
    }
  }

  @Test
  void aRequestThatIsNoneHasAnEntryToo() throws IOException {
    HTTPAccessLogEntry entry = logged(TestConfig.to(app), "", "", "GET\r\n\r\n");
    assertEquals(400, entry.getResponse().getResponseCode().getValue());
    assertEquals(RequestMethod.METHOD_UNSPECIFIED, entry.getRequest().getRequestMethod());
    assertTrue(entry.getCommonProperties().getResponseFlags().getDownstreamProtocolError());
  }

  @Test
  void anEntryHasTheHandshake() throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    TestCa.Issued own = ca.issue("localhost", "spiffe://shop/cart");
    TestCa.Issued caller = ca.issue("spiffe://shop/web");
    TestConfig config =
        TestConfig.to(app)
            .downstreamTls(
                own,
                "alpn_protocols: [h2], validation_context: {trusted_ca: {filename: %s}}"
                    .formatted(ca.certificate()),
                "require_client_certificate: true");
    String yaml = yaml(config, GrpcLogConfig.log("Http", "", "", ""));
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1);
        HttpClient client = HttpClient.newBuilder().sslContext(ca.context(caller)).build()) {
      client.send(
          HttpRequest.newBuilder(URI.create("https://localhost:" + sidecar.port() + "/")).build(),
          HttpResponse.BodyHandlers.ofString());
      HTTPAccessLogEntry entry = receiver.awaitHttp(1).getFirst();
      assertEquals(HTTPVersion.HTTP2, entry.getProtocolVersion());
      assertEquals("https", entry.getRequest().getScheme());
      TLSProperties tls = entry.getCommonProperties().getTlsProperties();
      assertEquals(TLSProperties.TLSVersion.TLSv1_3, tls.getTlsVersion());
      assertEquals(0x13, tls.getTlsCipherSuite().getValue() >> 8, tls::toString);
      assertEquals("localhost", tls.getTlsSniHostname());
      assertEquals(
          "spiffe://shop/web",
          tls.getPeerCertificateProperties().getSubjectAltName(0).getUri(),
          tls::toString);
      assertEquals("CN=leaf", tls.getPeerCertificateProperties().getSubject());
      assertFalse(tls.getPeerCertificateProperties().getIssuer().isEmpty());
      assertEquals(
          "spiffe://shop/cart", tls.getLocalCertificateProperties().getSubjectAltName(0).getUri());
      assertEquals("CN=leaf", tls.getLocalCertificateProperties().getSubject());
    }
  }

  @Test
  void aConnectionThatIsNoHttpHasAnEntryOfTcp() throws IOException {
    String log =
        GrpcLogConfig.log("Tcp", "", "custom_tags: [{tag: stage, literal: {value: test}}]", "");
    try (TestSidecar sidecar =
        TestSidecar.start(GrpcLogConfig.relay(log, app.port(), receiver.port()), 1)) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.get("/");
      }
      TCPAccessLogEntry entry = receiver.awaitTcp(1).getFirst();
      AccessLogCommon common = entry.getCommonProperties();
      assertTrue(entry.getConnectionProperties().getReceivedBytes() > 20, entry::toString);
      assertEquals(TRAILED.length(), entry.getConnectionProperties().getSentBytes());
      assertEquals(TRAILED.length(), common.getDownstreamWireBytesSent());
      assertEquals(
          entry.getConnectionProperties().getReceivedBytes(),
          common.getDownstreamWireBytesReceived());
      assertEquals("app", common.getUpstreamCluster());
      assertEquals(app.port(), common.getUpstreamRemoteAddress().getSocketAddress().getPortValue());
      assertEquals(AccessLogType.TcpConnectionEnd, common.getAccessLogType());
      assertEquals(Map.of("stage", "test"), common.getCustomTagsMap());
      assertTrue(nanos(common.getDuration()) > 0);
    }
  }

  @Test
  void eachKindOfLogCanBeOfWhatIsTheOther() throws IOException {
    String tcp = GrpcLogConfig.log("Tcp", "", "", "");
    try (TestSidecar sidecar = TestSidecar.start(yaml(TestConfig.to(app), tcp), 1);
        RawClient client = new RawClient(sidecar.port())) {
      client.get("/");
      assertEquals(3, receiver.awaitTcp(1).getFirst().getConnectionProperties().getSentBytes());
    }
    String http = GrpcLogConfig.log("Http", "", "", "");
    try (TestSidecar sidecar =
        TestSidecar.start(GrpcLogConfig.relay(http, app.port(), receiver.port()), 1)) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.get("/");
      }
      HTTPAccessLogEntry entry = receiver.awaitHttp(1).getFirst();
      assertEquals(HTTPVersion.PROTOCOL_UNSPECIFIED, entry.getProtocolVersion());
      assertEquals(TRAILED.length(), entry.getResponse().getResponseBodyBytes());
      assertFalse(entry.getResponse().hasResponseCode());
    }
  }

  @Test
  void aNameThatNoHeaderHasIsRefused() {
    AssertionError refused =
        assertThrows(
            AssertionError.class,
            () ->
                TestSidecar.start(
                        yaml(
                            TestConfig.to(app),
                            GrpcLogConfig.log(
                                "Http", "", "", "additional_response_headers_to_log: [\"a b\"]")),
                        1)
                    .close());
    assertTrue(
        String.valueOf(refused.getMessage())
            .contains("additional_response_headers_to_log[0]: \"a b\" is no name"),
        () -> String.valueOf(refused.getMessage()));
  }
}
