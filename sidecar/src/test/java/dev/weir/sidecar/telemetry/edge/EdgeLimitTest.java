package dev.weir.sidecar.telemetry.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.telemetry.edge.Edge.Target;
import dev.weir.sidecar.testkit.OutboundClient;
import dev.weir.sidecar.testkit.TestLoops;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many edges there are, and what becomes of the rest. */
class EdgeLimitTest {
  private static final int MOST = 8;
  private static final Workload CART = new Workload("cart", "shop");

  private final Loops loops = TestLoops.of(2);
  private final Edges edges =
      new Edges(
          2,
          MOST,
          CART,
          name -> name.startsWith("made-up") ? null : new Target(name, "shop", 8080));

  @AfterEach
  void close() {
    loops.close();
  }

  private StreamInfo stream(int loop, String cluster, int status, @Nullable Cause cause) {
    StreamInfo info = new StreamInfo(new OutboundClient(loops.get(loop)));
    info.cluster = cluster;
    info.status = status;
    info.cause = cause;
    info.bytesSent = 10;
    info.endNanos = info.startNanos + 1_000_000;
    return info;
  }

  private void call(int loop, String cluster) {
    edges.ended(stream(loop, cluster, 200, null), loops.get(loop));
  }

  private List<EdgeReading> of(String service) {
    return edges.read().stream()
        .filter(each -> each.edge().destination().service().equals(service))
        .toList();
  }

  @Test
  void loopsCountTheSameEdgeAndItsReadingIsTheSum() {
    call(0, "a");
    call(1, "a");
    call(0, "a");
    assertEquals(1, edges.size());
    assertEquals(3, of("a").getFirst().count());
    assertEquals(30, of("a").getFirst().sent());
    assertEquals(CART, of("a").getFirst().edge().source());
  }

  @Test
  void whatIsTooManyIsFoldedByItsAnswerAndCounted() {
    for (int i = 0; i < 10 * MOST; i++) {
      call(i % 2, "service-" + i);
    }
    edges.ended(
        stream(0, "one-more", 503, new Cause("breaker-open", "shop/p", "", 0)), loops.get(0));
    assertEquals(9 * MOST + 1, edges.folded());
    assertEquals(MOST + 2, edges.size());
    List<EdgeReading> others = of("others");
    assertEquals(
        List.of("2xx 72", "5xx 1"),
        others.stream()
            .map(each -> each.edge().responseClass() + " " + each.count())
            .sorted()
            .toList());
    assertTrue(others.stream().allMatch(each -> each.edge().policy().isEmpty()));
    assertEquals(10L * MOST + 1, edges.read().stream().mapToLong(EdgeReading::count).sum());
    call(1, "service-0"); // known to the other loop alone
    assertEquals(2, of("service-0").getFirst().count());
  }

  @Test
  void namesThatRequestsHaveMadeUpAreOne() {
    for (int i = 0; i < 10 * MOST; i++) {
      call(0, "made-up-" + i);
    }
    assertEquals(1, edges.size());
    assertEquals(10 * MOST, of("unknown").getFirst().count());
    assertEquals(0, edges.folded());
  }

  @Test
  void edgeOfWhichNothingIsSeenForLongMakesRoomWhenThereIsLittle() {
    for (int i = 0; i < MOST; i++) {
      call(0, "service-" + i);
    }
    for (int minute = 0; minute < 61; minute++) {
      call(0, "service-1");
      edges.sweep();
    }
    assertEquals(1, edges.size());
    assertEquals(62, of("service-1").getFirst().count());
    call(0, "service-2");
    call(1, "new");
    assertEquals(1, of("service-2").getFirst().count());
    assertEquals(1, of("new").getFirst().count());
    assertEquals(0, edges.folded());
  }

  @Test
  void edgesStayWhileThereIsRoom() {
    call(0, "service-1");
    for (int minute = 0; minute < 200; minute++) {
      edges.sweep();
    }
    assertEquals(1, of("service-1").size());
  }
}
