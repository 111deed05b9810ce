package dev.weir.sidecar.telemetry.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCollector;
import dev.weir.testkit.TestCollector.Received;
import dev.weir.testkit.TestUpstream;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a collector gets of calls over real sidecars. */
@Tag("slow")
class TracesTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String PARENT = "traceparent: 00-" + TRACE + "-" + SPAN + "-01";

  private TestCollector collector;

  @BeforeEach
  void start() throws IOException {
    collector = new TestCollector();
  }

  @AfterEach
  void stop() {
    collector.close();
  }

  private static RawClient.Response get(int port, String path, String... fields)
      throws IOException {
    try (RawClient client = new RawClient(port)) {
      String more =
          List.of(fields).stream().map(field -> field + "\r\n").collect(Collectors.joining());
      client.send("GET " + path + " HTTP/1.1\r\nHost: shop.test:8080\r\n" + more + "\r\n");
      return client.read(false);
    }
  }

  private Received only(Function<Received, Boolean> which) {
    List<Received> found = collector.spans().stream().filter(which::apply).toList();
    assertEquals(1, found.size(), () -> collector.spans().toString());
    return found.getFirst();
  }

  /** An app that calls another, and passes the header on. */
  private static TestUpstream caller(AtomicInteger port) throws IOException {
    return TestUpstream.start((request, out) -> {
      get(port.get(), "/cart", "traceparent: " + request.field("traceparent"));
      return TestUpstream.reply(out, 200, "ok");
    });
  }

  @Test
  void spansOfTwoHopsHaveTheirParents() throws IOException {
    AtomicInteger outboundPort = new AtomicInteger();
    try (TestUpstream cart = TestUpstream.replying("cart");
        TestUpstream frontend = caller(outboundPort);
        TestSidecar toCart = TracedConfig.start(TestConfig.to(cart), "INBOUND", "cart", collector);
        TestSidecar fromFrontend =
            TracedConfig.start(TestConfig.to(toCart.port()), "OUTBOUND", "frontend", collector);
        TestSidecar toFrontend =
            TracedConfig.start(TestConfig.to(frontend), "INBOUND", "frontend", collector)) {
      outboundPort.set(fromFrontend.port());
      assertEquals(200, get(toFrontend.port(), "/buy?card=4711", PARENT).status());

      collector.await(4);
      Received server = only(span -> span.parent().equals(SPAN));
      assertEquals("frontend", server.service());
      assertEquals(SpanKind.SPAN_KIND_SERVER, server.kind());
      assertEquals("GET", server.name());
      assertEquals("/buy", server.attribute("url.path"));
      assertEquals("http", server.attribute("url.scheme"));
      assertEquals("shop.test", server.attribute("server.address"));
      assertEquals("8080", server.attribute("server.port"));
      assertEquals("127.0.0.1", server.attribute("client.address"));
      assertEquals("200", server.attribute("http.response.status_code"));
      assertEquals("1.1", server.attribute("network.protocol.version"));
      assertFalse(server.error());
      Received call = only(span -> span.parent().equals(server.id()));
      assertEquals(SpanKind.SPAN_KIND_CLIENT, call.kind());
      assertEquals("http://shop.test:8080/cart", call.attribute("url.full"));
      Received attempt = only(span -> span.parent().equals(call.id()));
      assertEquals(SpanKind.SPAN_KIND_CLIENT, attempt.kind());
      assertEquals("1", attempt.attribute("weir.attempt"));
      assertEquals(Integer.toString(toCart.port()), attempt.attribute("network.peer.port"));
      Received last = only(span -> span.parent().equals(attempt.id()));
      assertEquals("cart", last.service());
      assertTrue(collector.spans().stream().allMatch(span -> span.trace().equals(TRACE)));
      assertTrue(
          List.of(cart.take().getLast().field("traceparent"))
              .contains("00-" + TRACE + "-" + last.id() + "-01"));
      assertFalse(collector.spans().toString().contains("4711"), "no query is told");
      assertWithin(server, call);
      assertWithin(call, attempt);
    }
  }

  private static void assertWithin(Received parent, Received child) {
    assertTrue(child.span().getStartTimeUnixNano() >= parent.span().getStartTimeUnixNano());
    assertTrue(child.span().getEndTimeUnixNano() <= parent.span().getEndTimeUnixNano());
    assertTrue(child.span().getEndTimeUnixNano() > child.span().getStartTimeUnixNano());
  }

  @Test
  void retriesAreSiblingsAndTheCallIsNoErrorIfOneDoes() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    try (TestUpstream app =
            TestUpstream.start((request, out) ->
                TestUpstream.reply(out, calls.incrementAndGet() < 3 ? 503 : 200, "x"));
        TestSidecar sidecar =
            TracedConfig.start(
                TestConfig.to(app).route("retry_policy: {retry_on: \"5xx\", num_retries: 3}"),
                "OUTBOUND",
                "cart",
                collector)) {
      assertEquals(200, get(sidecar.port(), "/", PARENT).status());

      collector.await(4);
      Received call = only(span -> span.parent().equals(SPAN));
      assertFalse(call.error());
      assertEquals("3", call.attribute("weir.attempts"));
      List<Received> attempts =
          collector.spans().stream()
              .filter(span -> span.parent().equals(call.id()))
              .sorted(Comparator.comparing(span -> span.attribute("weir.attempt")))
              .toList();
      assertEquals(3, attempts.size());
      assertTrue(attempts.getFirst().error());
      assertEquals("503", attempts.getFirst().attribute("error.type"));
      assertEquals("", attempts.getFirst().attribute("http.request.resend_count"));
      assertEquals("2", attempts.getLast().attribute("http.request.resend_count"));
      assertFalse(attempts.getLast().error());
      List<String> seen =
          app.take().stream().map(request -> request.field("traceparent").split("-")[2]).toList();
      assertEquals(attempts.stream().map(Received::id).toList(), seen);
    }
  }

  @Test
  void refusedRequestHasItsCause() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestSidecar.start(
                TracedConfig.over(
                    TestConfig.to(app)
                        .filter("trace", TracedConfig.TRACE_CONTEXT, "propagate: [W3C]")
                        .filter(
                            "weir.filters.http.rate_limit",
                            "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit",
                            "limits: [{policy: shop/app, name: everyone, rate_per_second: 0.001, burst: 1}]"),
                    "grpc_service: {envoy_grpc: {cluster_name: collector}}",
                    "",
                    collector.grpcPort()),
                1)) {
      assertEquals(200, get(sidecar.port(), "/", PARENT).status());
      assertEquals(429, get(sidecar.port(), "/", PARENT).status());

      collector.await(2);
      Received refused = only(span -> span.attribute("http.response.status_code").equals("429"));
      assertEquals("rate-limited", refused.attribute("weir.cause"));
      assertEquals("shop/app", refused.attribute("weir.policy"));
      assertEquals("everyone", refused.attribute("weir.limit"));
      assertEquals("true", refused.attribute("weir.shed"));
      assertEquals("RL", refused.attribute("weir.flags"));
      assertFalse(refused.error(), "4xx is the client's, to a server");
    }
  }

  @Test
  void refusalOfTheCalleesSidecarIsToldByTheCallersToo() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar callee =
            TestConfig.to(app)
                .listener("traffic_direction: INBOUND")
                .filter(
                    "weir.filters.http.rate_limit",
                    "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit",
                    "limits: [{policy: shop/app, name: everyone, rate_per_second: 0.001, burst: 1}]")
                .start();
        TestSidecar caller =
            TracedConfig.start(TestConfig.to(callee.port()), "OUTBOUND", "cart", collector)) {
      assertEquals(200, get(caller.port(), "/", PARENT).status());
      assertEquals(429, get(caller.port(), "/", PARENT).status());

      collector.await(4);
      Received refused =
          only(span ->
              span.parent().equals(SPAN)
                  && span.attribute("http.response.status_code").equals("429"));
      assertEquals("rate-limited", refused.attribute("weir.cause"));
      assertTrue(refused.error(), "4xx is an error to a client");
    }
  }

  @Test
  void callOfGrpcSaysItsMethodAndStatus() throws IOException {
    try (TestCollector app = new TestCollector(); // a server of gRPC as any other
        TestSidecar sidecar =
            TracedConfig.start(
                TestConfig.to(app.grpcPort()).http2Upstream(), "INBOUND", "cart", collector)) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", sidecar.port()).usePlaintext().build();
      try {
        TraceServiceGrpc.TraceServiceBlockingStub stub = TraceServiceGrpc.newBlockingStub(channel);
        stub.export(ExportTraceServiceRequest.getDefaultInstance());
        app.mood(TestCollector.Mood.REFUSES);
        assertThrows(
            StatusRuntimeException.class,
            () -> stub.export(ExportTraceServiceRequest.getDefaultInstance()));
      } finally {
        channel.shutdownNow();
      }

      collector.await(2);
      Received good = only(span -> span.attribute("rpc.response.status_code").equals("OK"));
      Received bad = only(span -> span.attribute("rpc.response.status_code").equals("UNAVAILABLE"));
      assertEquals("opentelemetry.proto.collector.trace.v1.TraceService/Export", good.name());
      assertEquals(good.name(), good.attribute("rpc.method"));
      assertEquals("2", good.attribute("network.protocol.version"));
      assertFalse(good.error());
      assertTrue(bad.error());
      assertEquals("UNAVAILABLE", bad.attribute("error.type"));
      assertEquals("200", bad.attribute("http.response.status_code"));
    }
  }

  @Test
  void failedAttemptSaysWhy() throws IOException {
    try (ClosedPort nobody = new ClosedPort();
        TestSidecar sidecar =
            TracedConfig.start(TestConfig.to(nobody.port()), "OUTBOUND", "cart", collector)) {
      assertEquals(503, get(sidecar.port(), "/", PARENT).status());

      collector.await(2);
      Received call = only(span -> span.parent().equals(SPAN));
      assertTrue(call.error());
      assertEquals("connect-failure", call.attribute("weir.cause"));
      assertEquals("503", call.attribute("error.type"));
      Received attempt = only(span -> span.parent().equals(call.id()));
      assertTrue(attempt.error());
      assertNotEquals("", attempt.attribute("error.type"));
      assertNotEquals("", attempt.span().getStatus().getMessage());
    }
  }

  @Test
  void whatIsNotSampledIsNotSent() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TracedConfig.start(TestConfig.to(app), "INBOUND", "cart", collector)) {
      String denied = "00-" + TRACE + "-" + SPAN + "-00";
      get(sidecar.port(), "/", "traceparent: " + denied);
      get(sidecar.port(), "/", PARENT);

      assertEquals(1, collector.await(1).size());
      assertEquals(denied, app.take().getFirst().field("traceparent"));
    }
  }

  @Test
  void traceBeginsHereWhereNobodyHasBegunIt() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TracedConfig.start(TestConfig.to(app), "INBOUND", "cart", collector)) {
      get(sidecar.port(), "/", "baggage: user=7");

      Received root = collector.await(1).getFirst();
      assertEquals("", root.parent());
      TestUpstream.Request taken = app.take().getFirst();
      assertEquals("00-" + root.trace() + "-" + root.id() + "-03", taken.field("traceparent"));
      assertEquals("user=7", taken.field("baggage"));
    }
  }

  @Test
  void resourceSaysWhoItIs() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestSidecar.start(
                TracedConfig.over(
                        TestConfig.to(app),
                        "grpc_service: {envoy_grpc: {cluster_name: collector}, initial_metadata: [{key: x-tenant, value: shop}]}, resource_detectors: [{name: fixed, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig, attributes: {service.namespace: shop}}}]",
                        "",
                        collector.grpcPort())
                    .replaceFirst("^", "node: {id: cart-0, cluster: cart}\n"),
                1)) {
      get(sidecar.port(), "/");

      Map<String, String> resource = collector.await(1).getFirst().resource();
      assertEquals("cart", resource.get("service.name"));
      assertEquals("shop", resource.get("service.namespace"));
      assertEquals("cart-0", resource.get("service.instance.id"));
      assertEquals("opentelemetry", resource.get("telemetry.sdk.name"));
      assertEquals("weir", resource.get("telemetry.distro.name"));
      assertEquals(List.of("shop"), collector.tenants());
    }
  }

  @Test
  void collectorMayTakeThemOverHttp() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestSidecar.start(
                TracedConfig.over(
                    TestConfig.to(app),
                    "service_name: cart, http_service: {http_uri: {uri: \"http://collector.test/v1/traces\", cluster: collector, timeout: 2s}, request_headers_to_add: [{header: {key: x-tenant, value: shop}}]}",
                    "",
                    collector.httpPort()),
                1)) {
      get(sidecar.port(), "/", PARENT);

      assertEquals("cart", collector.await(1).getFirst().service());
      assertEquals(List.of("shop"), collector.tenants());
      dev.weir.testkit.Await.until(() -> sidecar.stat("tracing.opentelemetry.spans_sent") == 1);
    }
  }

  @Test
  void attributesAreAddedAndPathsCutAsConfigured() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestSidecar.start(
                TracedConfig.over(
                    TestConfig.to(app),
                    "grpc_service: {envoy_grpc: {cluster_name: collector}}",
                    "max_path_tag_length: 5, custom_tags: [{tag: zone, literal: {value: a}}, {tag: user, request_header: {name: X-User}}, {tag: team, request_header: {name: x-team, default_value: none}}, {tag: unset, request_header: {name: x-unset}}, {tag: home, environment: {name: NOT_SET_ANYWHERE, default_value: b}}]",
                    collector.grpcPort()),
                1)) {
      get(sidecar.port(), "/longer/than/five", PARENT, "x-user: seven");

      Received span = collector.await(1).getFirst();
      assertEquals("/long", span.attribute("url.path"));
      assertEquals("a", span.attribute("zone"));
      assertEquals("seven", span.attribute("user"));
      assertEquals("none", span.attribute("team"));
      assertEquals("b", span.attribute("home"));
      assertFalse(span.span().toString().contains("unset"));
    }
  }

  @Test
  void withoutTheFilterTheConnectionManagerBeginsTraces() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestSidecar.start(
                TracedConfig.over(
                    TestConfig.to(app),
                    "grpc_service: {envoy_grpc: {cluster_name: collector}}",
                    "random_sampling: {value: 0}",
                    collector.grpcPort()),
                1)) {
      get(sidecar.port(), "/");
      get(sidecar.port(), "/", PARENT);

      Received span = collector.await(1).getFirst();
      List<TestUpstream.Request> taken = app.take();
      assertTrue(taken.getFirst().field("traceparent").endsWith("-02"), "not sampled");
      assertEquals("00-" + TRACE + "-" + span.id() + "-01", taken.getLast().field("traceparent"));
      assertEquals(SPAN, span.parent());
    }
  }

  @Test
  void overallSamplingIsTheMostThatIsSampled() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestSidecar.start(
                TracedConfig.over(
                    TestConfig.to(app),
                    "grpc_service: {envoy_grpc: {cluster_name: collector}}",
                    "overall_sampling: {value: 0}",
                    collector.grpcPort()),
                1)) {
      get(sidecar.port(), "/");

      assertTrue(app.take().getFirst().field("traceparent").endsWith("-02"));
    }
  }

  @Test
  void b3NamesOurSpanToo() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TracedConfig.start(TestConfig.to(app), "OUTBOUND", "cart", collector)) {
      get(sidecar.port(), "/", "b3: " + TRACE + "-" + SPAN + "-d");
      get(sidecar.port(), "/", "X-B3-TraceId: " + TRACE, "X-B3-SpanId: " + SPAN);

      List<Received> spans = collector.await(4);
      List<TestUpstream.Request> taken = app.take();
      for (Received call : spans.stream().filter(each -> each.parent().equals(SPAN)).toList()) {
        Received attempt = only(each -> each.parent().equals(call.id()));
        boolean single =
            taken.getFirst().field("b3").equals(TRACE + "-" + attempt.id() + "-d-" + call.id());
        boolean several =
            taken.getLast().field("x-b3-spanid").equals(attempt.id())
                && taken.getLast().field("x-b3-parentspanid").equals(call.id())
                && taken.getLast().field("x-b3-sampled").equals("1");
        assertTrue(single || several, taken.toString());
      }
    }
  }

  @Test
  void traceStateIsTold() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x");
        TestSidecar sidecar =
            TracedConfig.start(TestConfig.to(app), "INBOUND", "cart", collector)) {
      get(sidecar.port(), "/", PARENT, "tracestate: a=1,b=2");

      assertEquals("a=1,b=2", collector.await(1).getFirst().span().getTraceState());
    }
  }

  @Test
  void whatWaitsIsSentBeforeTheEnd() throws IOException {
    try (TestUpstream app = TestUpstream.replying("x")) {
      TestSidecar sidecar = TracedConfig.start(TestConfig.to(app), "INBOUND", "cart", collector);
      get(sidecar.port(), "/", PARENT);
      sidecar.close();

      assertEquals(1, collector.spans().size());
    }
  }
}
