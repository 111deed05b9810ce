package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.http.ResetReason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Copies of a request whose responses nobody reads: their bounds, and their ends; no sockets. */
class MirrorTest {
  private static final String TO_APP = "request_mirror_policies: [{cluster: app}]";

  /** The copy is the first call, the request the second. */
  private static RouterHarness mirrored(String action) {
    return RouterHarness.of(TO_APP + ", " + action, 1);
  }

  @Test
  void copyGoesBesideTheRequestUnderTheShadowsName() {
    try (RouterHarness router = mirrored("timeout: 1s").get("x-a: b")) {
      assertEquals(List.of("1> GET end", "2> GET end"), router.seen());
      assertEquals("app-shadow", router.call(1).head().authority());
      assertEquals("b", router.call(1).head().value("x-a"));
      assertEquals("app", router.call(2).head().authority());
      assertEquals(1, router.stat("weir_mirror.sent"));
      assertEquals(1, router.mirrors.underWay);
      router.call(1).answer(500);
      assertEquals(0, router.mirrors.underWay);
      router.call(2).answer(200);
      assertEquals(List.of("< 200 end"), router.seen());
      assertEquals(0, router.stat("weir_mirror.given_up"));
    }
  }

  @Test
  void shadowsNameIsLeftOutWhereThePolicySaysSo() {
    try (RouterHarness router =
        RouterHarness.of(
                "request_mirror_policies: [{cluster: app, disable_shadow_host_suffix_append:"
                    + " true}]",
                1)
            .get()) {
      assertEquals("app", router.call(1).head().authority());
    }
  }

  @Test
  void suffixGoesBeforeThePort() {
    assertEquals("app-shadow:8080", Mirror.shadow("app:8080"));
    assertEquals("app-shadow", Mirror.shadow("app"));
    assertEquals("[::1]-shadow:80", Mirror.shadow("[::1]:80"));
  }

  @Test
  void bodyGoesBesideTheRequests() {
    try (RouterHarness router = mirrored("timeout: 1s").post()) {
      router.client.body("a", false).body("b", true);
      assertEquals(
          List.of("1> POST", "2> POST", "1> a", "2> a", "1> b end", "2> b end"), router.seen());
      router.call(2).answer(200);
      router.call(1).head(200).body("nobody reads it", false);
      assertEquals(1, router.mirrors.underWay);
      router.call(1).body("", true);
      assertEquals(0, router.mirrors.underWay);
      assertEquals(List.of("< 200 end"), router.seen());
    }
    try (RouterHarness router = mirrored("timeout: 1s").post()) {
      router.client.body("a", false).requestTrailers();
      assertEquals(
          List.of("1> POST", "2> POST", "1> a", "2> a", "1> trailers", "2> trailers"),
          router.seen());
      router.call(1).head(200).trailers();
      assertEquals(0, router.mirrors.underWay);
    }
  }

  @Test
  void copyThatIsWholeOutlivesItsRequest() {
    for (int end = 0; end < 3; end++) {
      try (RouterHarness router = mirrored("timeout: 1s")) {
        if (end == 0) {
          router.get();
        } else if (end == 1) {
          router.post().client.body("a", true);
        } else {
          router.post().client.requestTrailers();
        }
        router.call(2).answer(200);
        router.seen();
        router.advance(999);
        assertEquals(1, router.mirrors.underWay);
        assertEquals(List.of(), router.seen());
        router.advance(1);
        assertEquals(List.of("1> reset"), router.seen());
        assertEquals(0, router.mirrors.underWay);
        assertEquals(1, router.stat("weir_mirror.given_up"));
      }
    }
  }

  @Test
  void withoutATimeOfTheRouteItHasEnvoysDefault() {
    try (RouterHarness router = mirrored("timeout: 0s").get()) {
      router.advance(14_999);
      assertEquals(1, router.mirrors.underWay);
      router.advance(1);
      assertEquals(0, router.mirrors.underWay);
    }
  }

  @Test
  void timeRunsFromTheEndOfTheRequest() {
    try (RouterHarness router = mirrored("timeout: 1s").post()) {
      router.advance(5000).client.body("a", true);
      router.advance(999);
      assertEquals(1, router.mirrors.underWay);
    }
  }

  @Test
  void copyThatIsNotWholeEndsWithItsRequest() {
    try (RouterHarness router = mirrored("timeout: 1s").post()) {
      router.client.body("a", false).clientGone();
      assertEquals(
          List.of("1> POST", "2> POST", "1> a", "2> a", "1> reset", "2> reset"), router.seen());
      assertEquals(0, router.mirrors.underWay);
      assertEquals(1, router.stat("weir_mirror.given_up"));
    }
  }

  @Test
  void copyThatFailsIsGivenUpAndChangesNothing() {
    try (RouterHarness router = mirrored("timeout: 1s").post()) {
      router.call(1).reset(ResetReason.REMOTE_RESET, "");
      assertEquals(0, router.mirrors.underWay);
      assertEquals(1, router.stat("weir_mirror.given_up"));
      router.client.body("a", false).requestTrailers();
      assertEquals(List.of("1> POST", "2> POST", "2> a", "2> trailers"), router.seen());
      router.call(2).answer(200);
      router.advance(2000);
      assertEquals(1, router.stat("weir_mirror.given_up"), "once");
      assertEquals(0, router.mirrors.underWay);
    }
  }

  @Test
  void copyWithoutAHostIsOverAtOnce() {
    try (RouterHarness router = mirrored("timeout: 1s")) {
      router.cluster.endpoints();
      router.get();
      assertEquals(1, router.stat("weir_mirror.given_up"));
      assertEquals(0, router.mirrors.underWay);
    }
  }

  @Test
  void clusterThatIsNotThereGetsNone() {
    try (RouterHarness router =
        RouterHarness.of("request_mirror_policies: [{cluster: other}]", 1).get()) {
      assertEquals(1, router.calls.size());
      router.call(1).answer(200);
      assertEquals(List.of("1> GET end", "< 200 end"), router.seen());
    }
  }

  @Test
  void fractionOfTheRequestsIsCopied() {
    String share =
        "request_mirror_policies: [{cluster: app, runtime_fraction: {default_value: {numerator:"
            + " %d}}}]";
    try (RouterHarness router = RouterHarness.of(share.formatted(0), 1).get()) {
      assertEquals(1, router.calls.size());
    }
    try (RouterHarness router = RouterHarness.of(share.formatted(100), 1).get()) {
      assertEquals(2, router.calls.size());
    }
  }

  @Test
  void eachPolicyHasItsCopy() {
    try (RouterHarness router =
        RouterHarness.of("request_mirror_policies: [{cluster: app}, {cluster: app}]", 1).post()) {
      router.client.body("a", true);
      assertEquals(
          List.of("1> POST", "2> POST", "3> POST", "1> a end", "2> a end", "3> a end"),
          router.seen());
      assertEquals(2, router.mirrors.underWay);
    }
  }

  @Test
  void copiesUnderWayAreBounded() {
    try (RouterHarness router = mirrored("timeout: 1s")) {
      router.mirrors.underWay = 1024;
      router.get();
      assertEquals(1, router.calls.size());
      assertEquals(1, router.stat("weir_mirror.given_up"));
      assertEquals(0, router.stat("weir_mirror.sent"));
      assertEquals(1024, router.mirrors.underWay);
    }
    try (RouterHarness router = mirrored("timeout: 1s")) {
      router.mirrors.underWay = 1023;
      router.get();
      assertEquals(2, router.calls.size());
    }
  }

  @Test
  void whatWaitsForACopysConnectionIsCountedAndBounded() {
    try (RouterHarness router = mirrored("timeout: 1s").connects(false).post()) {
      router.client.body("abc", false);
      assertEquals(3, router.mirrors.waitingBytes);
      router.client.body("de", false);
      assertEquals(5, router.mirrors.waitingBytes);
      router.call(1).connect();
      router.client.body("f", false);
      assertEquals(0, router.mirrors.waitingBytes);
    }
    try (RouterHarness router = mirrored("timeout: 1s").connects(false).post()) {
      router.mirrors.waitingBytes = 16 << 20;
      router.call(2).connect();
      router.client.body("a", false);
      assertEquals(16 << 20, router.mirrors.waitingBytes);
      assertEquals(List.of("2> POST", "1> cancel", "2> a"), router.seen());
      assertEquals(1, router.stat("weir_mirror.given_up"));
    }
    try (RouterHarness router = mirrored("timeout: 1s").connects(false).post()) {
      router.mirrors.waitingBytes = (16 << 20) - 1;
      router.client.body("a", false);
      assertEquals(16 << 20, router.mirrors.waitingBytes);
      assertEquals(1, router.mirrors.underWay);
    }
  }

  @Test
  void copyThatHasNothingWaitingIsNotTheOneThatIsGivenUp() {
    try (RouterHarness router = mirrored("timeout: 1s").post()) {
      router.mirrors.waitingBytes = 17 << 20;
      router.client.body("a", true);
      assertEquals(1, router.mirrors.underWay);
    }
  }

  @Test
  void copyWhoseBodyWaitsOverTheStreamsBoundIsGivenUp() {
    try (RouterHarness router = mirrored("timeout: 1s").connects(false)) {
      router.client.bufferLimit(2);
      router.post().client.body("abc", false);
      assertEquals(0, router.mirrors.underWay);
      assertEquals(0, router.mirrors.waitingBytes);
      assertEquals(1, router.stat("weir_mirror.given_up"));
    }
  }
}
