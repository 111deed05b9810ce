package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How callers are told that others have tried already; no sockets. */
class GivenUpTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String TWICE =
      "retry_policy: {retry_on: \"5xx,unavailable\", retry_back_off: {base_interval: 0.001s}}";

  /** With a sidecar that has given up a call in the same trace. */
  private static RouterHarness behind(TrafficDirection direction) {
    RouterHarness router =
        new RouterHarness(null, "", 1)
            .filter((context, config) -> {
              context.info().traceId = TRACE;
              return null;
            })
            .route("timeout: 1s");
    router.stops.gaveUp(TRACE);
    router.client.direction(direction);
    return router.get();
  }

  private static String told(RouterHarness router) {
    Headers response = router.client.response();
    return response.value(HeaderName.X_WEIR_RETRY)
        + " "
        + response.value(HeaderName.GRPC_RETRY_PUSHBACK_MS);
  }

  @Test
  void failureOfAnAppWhoseCallWasGivenUpIsNotToBeTriedAgain() {
    try (RouterHarness router = behind(TrafficDirection.INBOUND)) {
      router.call(1).answer(500);
      assertEquals("stop null", told(router));
    }
    try (RouterHarness router = behind(TrafficDirection.INBOUND)) {
      router.call(1).answer(499);
      assertEquals("null null", told(router));
    }
    try (RouterHarness router = behind(TrafficDirection.OUTBOUND)) {
      router.call(1).answer(500);
      assertEquals("null null", told(router));
    }
  }

  @Test
  void failureOfGrpcPushesBackAsWell() {
    try (RouterHarness router = behind(TrafficDirection.INBOUND)) {
      router.call(1).answer(200, "grpc-status: 14");
      assertEquals("stop -1", told(router));
    }
    try (RouterHarness router = behind(TrafficDirection.INBOUND)) {
      router.call(1).answer(200, "grpc-status: 0");
      assertEquals("null null", told(router));
    }
  }

  @Test
  void replyOfOurOwnToGrpcPushesBackAsWell() {
    for (String type : List.of("application/grpc", "text/plain")) {
      try (RouterHarness router = RouterHarness.of(TWICE, 1).get("content-type: " + type)) {
        router.call(1).reset(ResetReason.REMOTE_RESET, "");
        router.advance(20).call(2).reset(ResetReason.REMOTE_RESET, "");
        assertEquals(type.equals("text/plain") ? "stop null" : "stop -1", told(router));
      }
    }
  }

  @Test
  void whatIsGivenUpIsRememberedForTheTrace() {
    try (RouterHarness router =
        new RouterHarness(null, "", 1)
            .filter((context, config) -> {
              context.info().traceId = TRACE;
              return null;
            })
            .route(TWICE)
            .get()) {
      router.call(1).answer(503);
      assertFalse(router.stops.hasGivenUp(TRACE));
      router.advance(20).call(2).answer(503);
      assertTrue(router.stops.hasGivenUp(TRACE));
    }
  }

  @Test
  void pushbackOfGrpcIsBelieved() {
    for (String[] each : new String[][] {{"-1", "1"}, {"100", "2"}}) {
      try (RouterHarness router = RouterHarness.of(TWICE, 1).get()) {
        router.call(1).answer(200, "grpc-status: 14", "grpc-retry-pushback-ms: " + each[0]);
        router.advance(20);
        assertEquals(Integer.parseInt(each[1]), router.calls.size(), each[0]);
        if (router.calls.size() == 1) {
          assertEquals("stop -1", told(router));
        }
      }
    }
  }
}
