package dev.weir.sidecar.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class LabelledTest {
  private final Stats stats = new Stats(1);
  private final StatScope scope = stats.newScope();
  private final Labelled labelled =
      new Labelled(
          scope,
          List.of(
              StatName.of("http", "prefix", "in", "a"), StatName.of("http", "prefix", "in", "b")),
          "peer",
          2);

  private void count(String value) {
    stats.slab(0).inc(labelled.of(value)[1]);
  }

  @Test
  void eachValueHasItsOwnUpToABoundAndTheRestShares() {
    for (String value : List.of("one", "two", "one", "three", "four")) {
      count(value);
    }

    assertEquals(
        List.of(
            "http.in.a.one=0",
            "http.in.a.others=0",
            "http.in.a.two=0",
            "http.in.b.one=2",
            "http.in.b.others=2",
            "http.in.b.two=1"),
        stats.read().stream().map(each -> each.name().text() + "=" + each.value()).toList());
    assertNotEquals(labelled.of("one")[1], labelled.of("two")[1]);
  }

  @Test
  void nothingIsMadeWhenTheScopeIsClosed() {
    labelled.of("one");
    scope.close();

    assertArrayEquals(new int[2], labelled.of("two"));
    assertEquals(0, stats.count());
  }
}
