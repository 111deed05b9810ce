package dev.weir.control.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Workload;
import dev.weir.control.workload.WorkloadRegistry.Known;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which instances stay when streams end; the test says when a time is over. */
class WorkloadRegistryTest {
  private static final ObjectName SERVICE = new ObjectName("shop", "a");

  private final Queue<Runnable> afterGrace = new ArrayDeque<>();
  private final Queue<Runnable> afterWarmUp = new ArrayDeque<>();
  private final List<ObjectName> changed = new ArrayList<>();
  private final WorkloadRegistry registry =
      new WorkloadRegistry(afterGrace::add, afterWarmUp::add, changed::add);

  @Test
  void instancesOfWhichFewEndLeaveAfterTheGrace() {
    report(0, 10);
    end(0, 3);
    over(afterGrace);
    assertEquals(7, registry.of(SERVICE).size());
  }

  @Test
  void instancesOfWhichMostEndHaveAsLongAsAfterAStart() {
    report(0, 10);
    end(0, 9);
    over(afterGrace);
    assertEquals(10, registry.of(SERVICE).size());
    for (int i = 0; i < 6; i++) {
      registry.report(100 + i, workload(i));
    }
    over(afterWarmUp);
    assertEquals(7, registry.of(SERVICE).size());
  }

  @Test
  void onlyInstanceOfASmallMeshLeavesAfterTheGrace() {
    report(0, 1);
    end(0, 1);
    over(afterGrace);
    assertEquals(0, registry.of(SERVICE).size());
  }

  @Test
  void streamThatEndsTakesOnlyWhatItReportedLast() {
    report(0, 2);
    registry.report(7, workload(0));
    registry.ended(0);
    over(afterGrace);
    assertEquals(2, registry.of(SERVICE).size(), "its sidecar is back by another stream");
    registry.ended(7);
    over(afterGrace);
    assertEquals(List.of(workload(1)), List.copyOf(registry.of(SERVICE)), "and ended by this one");
  }

  @Test
  void instancesOfAnEarlierStartAreThereUntilAllHadTheTimeToComeBack() {
    registry.restore(known(workload(0), workload(1)));
    assertEquals(2, registry.of(SERVICE).size());
    assertFalse(registry.heardOf(SERVICE));
    registry.report(5, workload(1));
    assertTrue(registry.heardOf(SERVICE));
    assertEquals(2, registry.of(SERVICE).size());
    registry.warmedUp();
    assertEquals(List.of(workload(1)), List.copyOf(registry.of(SERVICE)));
  }

  @Test
  void instanceThatIsBackAndHasNotReportedYetStays() {
    registry.restore(known(workload(0), workload(1), workload(2)));
    registry.present(5, SERVICE, "10.0.0.1");
    registry.present(6, SERVICE, "10.0.0.9");
    registry.report(7, workload(1));
    registry.warmedUp();
    assertEquals(List.of(workload(0), workload(1)), List.copyOf(registry.of(SERVICE)));
    registry.ended(5);
    over(afterGrace);
    assertEquals(List.of(workload(1)), List.copyOf(registry.of(SERVICE)));
  }

  @Test
  void instanceThatCameAndWentWithoutAWordIsAsIfItHadNotCome() {
    registry.restore(known(workload(0)));
    registry.present(5, SERVICE, "10.0.0.1");
    registry.ended(5);
    over(afterGrace);
    assertEquals(List.of(workload(0)), List.copyOf(registry.of(SERVICE)));
    assertEquals(
        List.of(new Known(workload(0), Instant.EPOCH)),
        registry.known(Set.of(SERVICE), Instant.MAX));
    assertEquals(List.of(), registry.known(Set.of(), Instant.MAX));
    registry.report(6, workload(0));
    assertEquals(
        List.of(new Known(workload(0), Instant.MAX)), registry.known(Set.of(SERVICE), Instant.MAX));
  }

  @Test
  void addressThatAnotherInstanceHasNowIsThatOnes() {
    ObjectName other = new ObjectName("shop", "b");
    registry.restore(known(workload(0), workload(1)));
    registry.report(5, new Workload("b-1", other, "10.0.0.1", Set.of(8080)));
    assertEquals(List.of(workload(1)), List.copyOf(registry.of(SERVICE)));
    assertTrue(changed.contains(SERVICE));
  }

  @Test
  void thoseWhoTookTheirLeaveSayNothingAboutTheWayHere() {
    report(0, 6);
    for (int i = 0; i < 4; i++) {
      registry.report(i, new Workload("node-" + i, SERVICE, "10.0.0." + (i + 1), Set.of()));
    }
    end(0, 5);
    over(afterGrace);
    assertEquals(List.of(workload(5)), List.copyOf(registry.of(SERVICE)));
  }

  @Test
  void lastOnesOfAServiceStayUntilOneOfItSpokeAndTheOthersHadTheTimeTo() {
    registry.restore(known(workload(0), workload(1)));
    registry.warmedUp();
    assertEquals(2, registry.of(SERVICE).size());
    registry.report(5, workload(2));
    assertEquals(3, registry.of(SERVICE).size());
    registry.report(6, workload(1));
    over(afterWarmUp);
    assertEquals(List.of(workload(1), workload(2)), List.copyOf(registry.of(SERVICE)));
  }

  @Test
  void serviceIsToldOfWhenItsReadyPortsAreOtherOnesAndNotElse() {
    report(0, 1);
    report(0, 1);
    assertEquals(List.of(SERVICE), changed);
    registry.report(0, new Workload("node-0", SERVICE, "10.0.0.1", Set.of()));
    assertEquals(List.of(SERVICE, SERVICE), changed);
    registry.ended(0);
    over(afterGrace);
    assertEquals(List.of(SERVICE, SERVICE), changed, "it was not ready");
    assertEquals(List.of(), List.copyOf(registry.of(SERVICE)));
  }

  private static Map<Workload, Instant> known(Workload... workloads) {
    Map<Workload, Instant> known = new HashMap<>();
    Arrays.stream(workloads).forEach(workload -> known.put(workload, Instant.EPOCH));
    return known;
  }

  private void report(int from, int to) {
    for (int i = from; i < to; i++) {
      registry.report(i, workload(i));
    }
  }

  private void end(int from, int to) {
    for (int i = from; i < to; i++) {
      registry.ended(i);
    }
  }

  private static void over(Queue<Runnable> time) {
    for (Runnable task = time.poll(); task != null; task = time.poll()) {
      task.run();
    }
  }

  private static Workload workload(int number) {
    return new Workload("node-" + number, SERVICE, "10.0.0." + (number + 1), Set.of(8080));
  }
}
