package dev.weir.sidecar.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** Statistics that end before the process does, and what becomes of their places. */
class StatScopeTest {
  private static final int LOOPS = 2;

  private final Stats stats = new Stats(LOOPS + 1);

  /** Loops that go on when the test says so. */
  private final Queue<Runnable> passing = new ArrayDeque<>();

  StatScopeTest() {
    stats.recycle(this::pass);
  }

  private void pass(IntConsumer each, Runnable then) {
    passing.add(() -> {
      for (int loop = 0; loop < LOOPS; loop++) {
        each.accept(loop);
      }
      then.run();
    });
  }

  private void loopsGoOn() {
    while (!passing.isEmpty()) {
      passing.remove().run();
    }
  }

  private static StatName name(String cluster, String name) {
    return StatName.of("cluster", "envoy_cluster_name", cluster, name);
  }

  private List<String> told() {
    return stats.read().stream().map(each -> each.name().text() + "=" + each.value()).toList();
  }

  @Test
  void whatIsClosedIsToldNoMore() {
    StatScope app = stats.newScope();
    StatScope other = stats.newScope();
    stats.slab(0).inc(app.counter(name("app", "rq")));
    stats.slab(1).add(other.counter(name("other", "rq")), 3);
    app.close();
    assertEquals(List.of("cluster.other.rq=3"), told());
    assertEquals(1, stats.count());
  }

  @Test
  void aPlaceIsAnothersOnceTheLoopsHaveGoneOn() {
    StatScope app = stats.newScope();
    int place = app.counter(name("app", "rq"));
    int time = app.histogram(name("app", "time"));
    app.close();

    StatScope early = stats.newScope();
    assertNotEquals(place, early.counter(name("early", "rq")));
    stats.slab(0).inc(place); // by who was at it
    stats.slab(1).record(time, 12);
    stats.add(place, 1);
    loopsGoOn();

    StatScope late = stats.newScope();
    assertEquals(place, late.counter(name("late", "rq")));
    assertEquals(time, late.histogram(name("late", "time")));
    assertEquals(List.of("cluster.early.rq=0", "cluster.late.rq=0"), told());
  }

  @Test
  void aNameOfTwoScopesIsOneStatisticAndLastsAsLongAsEither() {
    StatScope before = stats.newScope();
    int place = before.counter(name("app", "rq"));
    stats.slab(0).inc(place);
    StatScope after = stats.newScope();
    assertEquals(place, after.counter(name("app", "rq")));
    before.close();
    loopsGoOn();
    stats.slab(1).inc(place);
    assertEquals(List.of("cluster.app.rq=2"), told());
    after.close();
    assertEquals(List.of(), told());
  }

  @Test
  void aNameThatComesBackBeginsAnewAndIsThereOnce() {
    StatScope before = stats.newScope();
    stats.slab(0).inc(before.counter(name("app", "rq")));
    before.close();
    stats.slab(1).inc(stats.newScope().counter(name("app", "rq")));
    assertEquals(List.of("cluster.app.rq=1"), told());
    loopsGoOn();
    assertEquals(List.of("cluster.app.rq=1"), told());
  }

  @Test
  void whatIsCountedNowhereIsToldByNobody() {
    stats.slab(0).inc(StatScope.NOWHERE.counter(name("gone", "rq")));
    stats.slab(0).record(StatScope.NOWHERE.histogram(name("gone", "time")), 5);
    stats.newScope().counter(name("app", "rq"));
    assertEquals(List.of("cluster.app.rq=0"), told());
  }

  @Test
  void slabsAreAsShortAsBeforeWhenWhatCameHasGone() {
    int lasting = stats.counter(name("lasting", "rq"));
    stats.slab(0).inc(lasting);
    int longest = 0;
    for (int round = 0; round < 50; round++) {
      List<StatScope> scopes = new ArrayList<>();
      for (int cluster = 0; cluster < 100; cluster++) {
        StatScope scope = stats.newScope();
        scopes.add(scope);
        for (int i = 0; i < 10; i++) {
          stats.slab(round % LOOPS).inc(scope.counter(name(round + "-" + cluster, "c" + i)));
        }
        stats.slab(round % LOOPS).record(scope.histogram(name(round + "-" + cluster, "t")), 1);
      }
      longest = Math.max(longest, stats.slab(0).size());
      scopes.forEach(StatScope::close);
      loopsGoOn();
      assertEquals(1, stats.placesTaken());
    }
    assertTrue(longest < 2100, "grew to " + longest);
    assertEquals(64, stats.slab(0).size());
    assertEquals(64, stats.slab(1).size());
    assertEquals(List.of("cluster.lasting.rq=1"), told());
  }

  private record Trio(int total, int active, int time) {}

  private static final StatFamily<Trio> FAMILY =
      new StatFamily<>(
          "cluster",
          "envoy_cluster_name",
          names -> new Trio(names.counter("rq"), names.gauge("active"), names.histogram("time")));

  @Test
  void aFamilyIsToldByItsNamesAndEndsAsOne() {
    StatScope scope = stats.newScope();
    Trio app = FAMILY.in(scope, "app");
    Trio db = FAMILY.in(stats.newScope(), "db");
    stats.slab(0).add(app.total(), 2);
    stats.slab(1).inc(app.active());
    stats.slab(0).record(app.time(), 7);
    stats.slab(0).add(db.total(), 5);
    assertEquals(
        List.of(
            "cluster.app.active=1",
            "cluster.app.rq=2",
            "cluster.app.time=1",
            "cluster.db.active=0",
            "cluster.db.rq=5"),
        told());
    assertEquals(6, stats.count());
    scope.close();
    assertEquals(List.of("cluster.db.active=0", "cluster.db.rq=5"), told());
    assertEquals(3, stats.count());
    loopsGoOn();
    assertEquals(app, FAMILY.in(stats.newScope(), "cache"), "its places are used again");
    assertEquals(0, stats.value(app.total()));
  }

  @Test
  void aFamilyOfOneTagIsHeldByAllWhoAskForIt() {
    StatScope first = stats.newScope();
    StatScope second = stats.newScope();
    Trio places = FAMILY.in(first, "app");
    assertEquals(places, FAMILY.in(second, "app"));
    stats.slab(0).inc(places.total());
    first.close();
    assertEquals(List.of("cluster.app.active=0", "cluster.app.rq=1"), told());
  }

  @Test
  void aFamilyIsNotPutAcrossPlacesThatAreTaken() {
    StatScope gap = stats.newScope();
    int free = gap.counter(name("gone", "rq"));
    int taken = stats.newScope().counter(name("stays", "rq"));
    gap.close();
    loopsGoOn();
    Trio app = FAMILY.in(stats.newScope(), "app");
    assertTrue(app.total() > taken, app::toString);
    assertEquals(app.total() + 1, app.active());
    assertEquals(free, stats.newScope().counter(name("one", "rq")), "the gap is for who fits");
  }

  @Test
  void ofAFamilyThatIsNowhereNothingIsTold() {
    Trio nowhere = FAMILY.nowhere();
    stats.slab(0).inc(nowhere.total());
    assertEquals(List.of(), told());
  }
}
