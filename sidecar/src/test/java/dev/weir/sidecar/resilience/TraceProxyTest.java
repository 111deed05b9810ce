package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a request carries of its trace, and what travels on. */
class TraceProxyTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";
  private static final String OTHER = "0af7651916cd43dd8448eb211c80319c";
  private static final String NEW = "00-[0-9a-f]{32}-[0-9a-f]{16}-03";

  private static TestUpstream upstream;
  private static TestSidecar sidecar;

  @BeforeAll
  static void start() throws IOException {
    upstream = TestUpstream.replying("ok");
    sidecar =
        TestConfig.to(upstream)
            .filter(
                "trace",
                "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext",
                "propagate: [W3C, B3, X_TRACE_ID]")
            .start();
  }

  @AfterAll
  static void stop() throws IOException {
    sidecar.close();
    upstream.close();
  }

  @ParameterizedTest
  @CsvSource({"0, 02", "100, 03"})
  void aTraceBegunHereIsSampledAsConfigured(int sample, String flags) throws Exception {
    try (TestSidecar own =
            TestConfig.to(upstream)
                .filter(
                    "trace",
                    "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext",
                    "propagate: [W3C], sample: {numerator: " + sample + "}")
                .start();
        RawClient client = new RawClient(own.port())) {
      client.get("/");
      String parent = upstream.next().field("traceparent");
      assertTrue(parent.endsWith("-" + flags), parent);
    }
  }

  static Stream<Arguments> traces() {
    return Stream.of(
        arguments("nothing: begun", "", NEW),
        arguments("W3C", "traceparent: " + PARENT, PARENT),
        arguments(
            "W3C, not sampled",
            "traceparent: 00-%s-%s-00".formatted(TRACE, SPAN),
            "00-%s-%s-00".formatted(TRACE, SPAN)),
        arguments(
            "W3C of a later version",
            "traceparent: cc-%s-%s-01-more".formatted(TRACE, SPAN),
            "cc-%s-%s-01-more".formatted(TRACE, SPAN)),
        arguments(
            "W3C before B3",
            "traceparent: %s\r\nb3: %s-%s-0".formatted(PARENT, OTHER, SPAN),
            PARENT),
        arguments("B3 in one", "b3: %s-%s-1".formatted(TRACE, SPAN), PARENT),
        arguments(
            "B3 in one, denied",
            "b3: %s-%s-0".formatted(TRACE, SPAN),
            "00-%s-%s-00".formatted(TRACE, SPAN)),
        arguments("B3 in one, debug", "b3: %s-%s-d".formatted(TRACE, SPAN), PARENT),
        arguments(
            "B3 of 64 bits",
            "b3: %s-%s-1".formatted(SPAN, SPAN),
            "00-0000000000000000%s-%s-01".formatted(SPAN, SPAN)),
        arguments(
            "B3 in several",
            "X-B3-TraceId: %s\r\nX-B3-SpanId: %s\r\nX-B3-Sampled: 1".formatted(TRACE, SPAN),
            PARENT),
        arguments(
            "B3 in several, debug",
            "X-B3-TraceId: %s\r\nX-B3-SpanId: %s\r\nX-B3-Flags: 1".formatted(TRACE, SPAN),
            PARENT),
        arguments(
            "B3 before X-Trace-ID",
            "b3: %s-%s-1\r\nX-Trace-ID: %s".formatted(TRACE, SPAN, OTHER),
            PARENT),
        arguments(
            "X-Trace-ID, 32 digits", "X-Trace-ID: " + TRACE, "00-" + TRACE + "-[0-9a-f]{16}-01"),
        arguments(
            "X-Trace-ID, a UUID",
            "X-Trace-ID: 4BF92F35-77b3-4da6-a3ce-929d0e0e4736",
            "00-" + TRACE + "-[0-9a-f]{16}-01"),
        arguments("X-Trace-ID, anything", "X-Trace-ID: order 17", NEW),
        arguments("upper case", "traceparent: " + PARENT.toUpperCase(java.util.Locale.ROOT), NEW),
        arguments(
            "all-zero trace",
            "traceparent: 00-00000000000000000000000000000000-%s-01".formatted(SPAN),
            NEW),
        arguments("all-zero span", "traceparent: 00-%s-0000000000000000-01".formatted(TRACE), NEW),
        arguments("version ff", "traceparent: ff-%s-%s-01".formatted(TRACE, SPAN), NEW),
        arguments("version 00 with more", "traceparent: " + PARENT + "-x", NEW),
        arguments("too short", "traceparent: 00-" + TRACE + "-01", NEW),
        arguments("twice", "traceparent: %s\r\ntraceparent: %s".formatted(PARENT, PARENT), NEW),
        arguments(
            "malformed before B3", "traceparent: x\r\nb3: %s-%s-1".formatted(TRACE, SPAN), PARENT));
  }

  private static TestUpstream.Request forwarded(String fields) throws Exception {
    try (RawClient client = new RawClient(sidecar.port())) {
      client
          .send(
              "GET / HTTP/1.1\r\nHost: app\r\n"
                  + fields
                  + (fields.isEmpty() ? "" : "\r\n")
                  + "\r\n")
          .read(false);
    }
    return upstream.next();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("traces")
  void traceparentTravelsOn(String name, String fields, String expected) throws Exception {
    String traceparent = forwarded(fields).field("traceparent");
    assertTrue(traceparent.matches(expected), traceparent);
  }

  @Test
  void stateTravelsWithAGoodParentAndGoesWithABadOne() throws Exception {
    assertEquals(
        "a=1", forwarded("traceparent: " + PARENT + "\r\ntracestate: a=1").field("tracestate"));
    assertEquals("", forwarded("traceparent: x\r\ntracestate: a=1").field("tracestate"));
    assertEquals("", forwarded("tracestate: a=1").field("tracestate"));
  }

  @Test
  void traceIdOfTheAppTravelsAsItCame() throws Exception {
    assertEquals("order 17", forwarded("X-Trace-ID: order 17").field("x-trace-id"));
    assertEquals(TRACE, forwarded("traceparent: " + PARENT).field("x-trace-id"));
  }

  @Test
  void decisionNotToSampleIsKeptWithoutIds() throws Exception {
    assertTrue(forwarded("b3: 0").field("traceparent").endsWith("-02"));
    assertTrue(forwarded("X-B3-Sampled: 0").field("traceparent").endsWith("-02"));
  }
}
