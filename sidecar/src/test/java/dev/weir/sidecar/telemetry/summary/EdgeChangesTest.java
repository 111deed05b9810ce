package dev.weir.sidecar.telemetry.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.protos.service.telemetry.v1alpha1.EdgeSummary;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.telemetry.edge.Edge.Target;
import dev.weir.sidecar.telemetry.edge.Edges;
import dev.weir.sidecar.telemetry.edge.Workload;
import dev.weir.sidecar.testkit.OutboundClient;
import dev.weir.sidecar.testkit.TestLoops;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is told of edges, and what with the next summary. */
class EdgeChangesTest {
  private static final int MORE_THAN_NUMBERS = EdgeNumbers.MOST + 5;

  private final Loops loops = TestLoops.of(2);
  private final Edges edges =
      new Edges(
          2,
          MORE_THAN_NUMBERS,
          new Workload("cart", "shop"),
          name -> new Target(name, "shop", 8080));
  private final EdgeChanges changes = new EdgeChanges(edges);
  private final EdgeNumbers numbers = new EdgeNumbers();

  @AfterEach
  void close() {
    loops.close();
  }

  private void call(int loop, String cluster, long millis) {
    StreamInfo info = new StreamInfo(new OutboundClient(loops.get(loop)));
    info.cluster = cluster;
    info.status = 200;
    info.bytesReceived = 1;
    info.bytesSent = 10;
    info.endNanos = info.startNanos + millis * 1_000_000;
    edges.ended(info, loops.get(loop));
  }

  private TrafficSummary told() {
    TrafficSummary.Builder summary = TrafficSummary.newBuilder();
    EdgeChanges.Pending pending = changes.addTo(summary, numbers);
    changes.told(pending);
    numbers.told(pending.ids());
    return summary.build();
  }

  private static long count(EdgeSummary edge) {
    return edge.getCountsList().stream().mapToLong(Long::longValue).sum();
  }

  @Test
  void whatBothLoopsHaveCountedSinceIsTold() {
    call(0, "inventory", 1);
    told();
    call(0, "inventory", 1000);
    call(1, "inventory", 2000);
    EdgeSummary edge = told().getEdges(0);
    assertEquals(2, count(edge));
    assertEquals(0, edge.getFirstBucket());
    assertEquals(9, edge.getCountsCount());
    assertEquals(3_000_000, edge.getSumMicros());
    assertEquals(2, edge.getReceived());
    assertEquals(20, edge.getSent());
    assertEquals(0, told().getEdgesCount());
  }

  @Test
  void whatWasNotTakenGoesWithTheNextByNameToo() {
    call(0, "inventory", 1);
    TrafficSummary.Builder lost = TrafficSummary.newBuilder();
    changes.addTo(lost, numbers);
    call(0, "inventory", 1);
    call(0, "cart", 1);
    TrafficSummary summary = told();
    assertEquals(2, summary.getEdgesCount());
    assertEquals(3, summary.getEdgesList().stream().mapToLong(EdgeChangesTest::count).sum());
    assertEquals(2, summary.getEdgesList().stream().filter(EdgeSummary::hasEdge).count());
    assertEquals(2, summary.getEdgesList().stream().map(EdgeSummary::getId).distinct().count());
  }

  @Test
  void whatIsSkippedIsNeverTold() {
    call(0, "inventory", 1);
    changes.skip();
    assertEquals(0, told().getEdgesCount());
    call(0, "inventory", 1);
    assertEquals(1, count(told().getEdges(0)));
  }

  @Test
  void ofEdgesWithoutANumberIsToldHowManyStreamsTheyHad() {
    for (int i = 0; i < MORE_THAN_NUMBERS; i++) {
      call(0, "service-" + i, 1);
    }
    TrafficSummary summary = told();
    assertEquals(EdgeNumbers.MOST, summary.getEdgesCount());
    assertEquals(5, summary.getFolded());
  }
}
