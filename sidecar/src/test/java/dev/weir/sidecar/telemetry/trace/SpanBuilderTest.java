package dev.weir.sidecar.telemetry.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamSpan;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What spans say of a stream, by OpenTelemetry's conventions. */
class SpanBuilderTest {
  private final SpanBuilder builder =
      new SpanBuilder(Resource.empty(), InstrumentationScopeInfo.empty());

  private static EndedStream.Request request(String method, String authority, boolean grpc) {
    return new EndedStream.Request(
        method,
        grpc ? "/shop.Cart/Add" : "/cart",
        "http",
        authority,
        "",
        grpc,
        "HTTP/2",
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
  }

  private static EndedStream.Outcome outcome(
      int status, @Nullable String grpcStatus, int flags, @Nullable Cause cause) {
    return new EndedStream.Outcome(
        status, grpcStatus, flags, "via_upstream", cause, null, "", "", "", 0, 0);
  }

  private SpanData span(
      TrafficDirection direction, EndedStream.Request request, EndedStream.Outcome outcome) {
    List<SpanData> spans = new ArrayList<>();
    builder.build(
        new EndedStream(
            new StreamSpan("1".repeat(32), "2".repeat(16), null, false, "", false),
            direction,
            5_000,
            100,
            300,
            request,
            outcome,
            0,
            null,
            List.of()),
        spans);
    assertEquals(1, spans.size());
    return spans.getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "INBOUND, 200, UNSET, ",
    "INBOUND, 404, UNSET, ",
    "INBOUND, 500, ERROR, 500",
    "OUTBOUND, 399, UNSET, ",
    "OUTBOUND, 404, ERROR, 404",
    "OUTBOUND, 503, ERROR, 503"
  })
  void statusOfHttpIsAnErrorToItsClientFirst(
      TrafficDirection direction, int status, StatusCode code, @Nullable String type) {
    SpanData span = span(direction, request("GET", "cart", false), outcome(status, null, 0, null));
    assertEquals(code, span.getStatus().getStatusCode());
    assertEquals(type, span.getAttributes().get(Attribute.ERROR_TYPE));
  }

  @ParameterizedTest
  @CsvSource({
    "INBOUND, 0, UNSET, OK",
    "INBOUND, 5, UNSET, NOT_FOUND",
    "INBOUND, 13, ERROR, INTERNAL",
    "INBOUND, 14, ERROR, UNAVAILABLE",
    "INBOUND, 77, ERROR, UNKNOWN",
    "OUTBOUND, 0, UNSET, OK",
    "OUTBOUND, 5, ERROR, NOT_FOUND"
  })
  void statusOfGrpcDecidesWhateverThatOfHttp(
      TrafficDirection direction, String status, StatusCode code, String name) {
    SpanData span = span(direction, request("POST", "cart", true), outcome(200, status, 0, null));
    assertEquals("shop.Cart/Add", span.getName());
    assertEquals(code, span.getStatus().getStatusCode());
    assertEquals(name, span.getAttributes().get(Attribute.RPC_STATUS));
    assertEquals("shop.Cart/Add", span.getAttributes().get(Attribute.RPC_METHOD));
    assertEquals("grpc", span.getAttributes().get(Attribute.RPC_SYSTEM));
  }

  @Test
  void methodThatIsNotKnownIsNoName() {
    SpanData span =
        span(TrafficDirection.INBOUND, request("BREW", "cart", false), outcome(200, null, 0, null));
    assertEquals("HTTP", span.getName());
    assertEquals("_OTHER", span.getAttributes().get(Attribute.METHOD));
    assertEquals("BREW", span.getAttributes().get(Attribute.METHOD_ORIGINAL));
  }

  @ParameterizedTest
  @CsvSource({
    "cart, cart, 80",
    "cart:8080, cart, 8080",
    "[::1], ::1, 80",
    "[::1]:8080, ::1, 8080",
    "cart:, cart, 80"
  })
  void authorityIsServerAndPort(String authority, String server, long port) {
    SpanData span =
        span(
            TrafficDirection.INBOUND,
            request("GET", authority, false),
            outcome(200, null, 0, null));
    assertEquals(server, span.getAttributes().get(Attribute.SERVER_ADDRESS));
    assertEquals(port, span.getAttributes().get(Attribute.SERVER_PORT));
  }

  @Test
  void responseThatWasCutIsAnErrorWhateverItsStatus() {
    SpanData span =
        span(
            TrafficDirection.INBOUND,
            request("GET", "cart", false),
            outcome(200, null, 0, Cause.of("upstream-closed")));
    assertEquals(StatusCode.ERROR, span.getStatus().getStatusCode());
    assertEquals("upstream-closed", span.getAttributes().get(Attribute.ERROR_TYPE));
  }

  @Test
  void clientThatLeavesIsSaid() {
    SpanData span =
        span(
            TrafficDirection.INBOUND,
            request("GET", "cart", false),
            outcome(0, null, ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION.bit(), null));
    assertEquals("DC", span.getAttributes().get(Attribute.WEIR_FLAGS));
    assertNull(span.getAttributes().get(Attribute.STATUS));
    assertEquals(StatusCode.ERROR, span.getStatus().getStatusCode());
  }

  @Test
  void refusalOfABreakerSaysItsStateAndPolicy() {
    SpanData span =
        span(
            TrafficDirection.OUTBOUND,
            request("GET", "cart", false),
            outcome(503, null, 0, new Cause("breaker-open", "shop/cart", "", 3200)));
    assertEquals("open", span.getAttributes().get(Attribute.WEIR_BREAKER));
    assertEquals("shop/cart", span.getAttributes().get(Attribute.WEIR_POLICY));
    assertEquals("breaker-open", span.getAttributes().get(Attribute.WEIR_CAUSE));
  }

  @Test
  void timesAreOfTheWallClock() {
    SpanData span =
        span(TrafficDirection.INBOUND, request("GET", "cart", false), outcome(200, null, 0, null));
    assertEquals(5_000, span.getStartEpochNanos());
    assertEquals(5_200, span.getEndEpochNanos());
  }
}
