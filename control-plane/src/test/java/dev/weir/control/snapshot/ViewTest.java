package dev.weir.control.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Resources of one type, and how they differ from those before. */
class ViewTest {
  @Test
  void hasWhatIsSharedAndWhatIsItsOwn() {
    View view = Views.of(List.of("a1", "b1"), List.of("o1"));
    assertEquals("1", Objects.requireNonNull(view.get("o")).version());
    assertNull(view.get("x"));
    List<String> all = new ArrayList<>();
    view.forEach(resource -> all.add(resource.toString()));
    Collections.sort(all);
    assertEquals(List.of("a@1", "b@1", "o@1"), all);
  }

  @Test
  void versionFollowsFromTheResourcesAndNotFromHowTheyCame() {
    Layer other =
        Layer.of(List.of(Views.resource("a2"), Views.resource("x1")))
            .with(List.of(Views.resource("a1"), Views.resource("b1")), List.of("x", "y"));
    assertEquals(Views.of("a1", "b1").version(), Views.in(other).version());
    assertNotEquals(Views.of("a1", "b1").version(), Views.of("a1", "b2").version());
    assertNotEquals(Views.of("a1", "b1").version(), Views.of("a1").version());
    assertEquals("0000000000000000", View.EMPTY.version());
  }

  @Test
  void layerWithoutChangeIsTheSame() {
    Layer layer = Layer.of(List.of(Views.resource("a1")));
    assertSame(layer, layer.with(List.of(), List.of()));
  }

  @Test
  void tellsWhatIsNewOtherOrGone() {
    View before = Views.of(List.of("a1", "b1", "c1"), List.of("o1"));
    View now = Views.of(List.of("a1", "b2", "d1"), List.of("o2"));
    assertEquals(
        List.of("-c@1", "b@2 for b@1", "d@1 for nothing", "o@2 for o@1"), said(now, before));
    assertEquals(said(now, before), said(now, before), "as often as it is asked");
    assertEquals(List.of(), said(now, now));
  }

  @Test
  void whatIsItsOwnStandsForWhatOthersHaveByTheSameName() {
    View shared = Views.of("a1", "b1");
    View own = Views.of(List.of("a1", "b1"), List.of("b7"));
    assertEquals("7", Objects.requireNonNull(own.get("b")).version());
    List<String> all = new ArrayList<>();
    own.forEach(resource -> all.add(resource.toString()));
    Collections.sort(all);
    assertEquals(List.of("a@1", "b@7"), all);
    assertEquals(Views.of("a1", "b7").version(), own.version());
    assertEquals(List.of("b@7 for b@1"), said(own, shared));
    assertEquals(List.of("b@1 for b@7"), said(shared, own));
  }

  @Test
  void changeOfWhatOthersHaveIsNoneBehindWhatIsItsOwn() {
    View before = Views.of(List.of("a1", "b1"), List.of("b7"));
    assertEquals(List.of(), said(Views.of(List.of("a1", "b2"), List.of("b7")), before));
    assertEquals(List.of(), said(Views.of(List.of("a1"), List.of("b7")), before));
    assertEquals(
        List.of("b@8 for b@7"), said(Views.of(List.of("a1", "b2"), List.of("b8")), before));
    assertEquals(List.of("b@2 for b@7"), said(Views.of("a1", "b2"), before));
    assertEquals(List.of("-b@7"), said(Views.of("a1"), before));
    assertEquals(List.of(), said(Views.of("a1", "b7"), before), "the same from elsewhere");
  }

  @Test
  void manyThatWereBeforeAreAllComparedRight() {
    View now = Views.of("a9");
    for (int i = 0; i < 9; i++) {
      assertEquals(List.of("a@9 for a@" + i), said(now, Views.of("a" + i)));
    }
    assertEquals(List.of("a@9 for nothing"), said(now, View.EMPTY));
  }

  @Test
  void whatDiffersIsLookedForOnceForAllWhoComeFromTheSame() {
    View before = Views.of(List.of("a1"), List.of("b1"));
    View now = Views.of(List.of("a2", "c1"), List.of());
    List<String> told = List.of("-b@1", "a@2 for a@1", "c@1 for nothing");
    assertEquals(told, said(now, before));
    assertEquals(told, said(now, before));
    assertEquals(List.of("c@1 for nothing"), said(now, Views.of("a2")));
    assertEquals(told, said(now, before), "after one who came from elsewhere");
  }

  private static List<String> said(View now, View before) {
    List<String> said = new ArrayList<>();
    now.since(
        before,
        new View.Difference() {
          @Override
          public void changed(Versioned resource, @Nullable Versioned old) {
            said.add(resource + " for " + (old == null ? "nothing" : old));
          }

          @Override
          public void gone(Versioned old) {
            said.add("-" + old);
          }
        });
    Collections.sort(said);
    return said;
  }
}
