package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.server.PolicyReach.Part;
import dev.weir.control.server.PolicyReach.Reach;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What several control planes know of a policy, put together. */
class PolicyReachTest {
  private static final String CART = "ResiliencePolicy shop/cart";

  private static Reach reach(int concerned, int applied, Map<String, String> refused) {
    return new Reach(
        concerned,
        applied,
        refused.size(),
        new TreeMap<>(refused),
        new TreeMap<>(Map.of("retry.budget: left out", 1)),
        new TreeMap<>());
  }

  private static Part part(String version, Reach reach) {
    return new Part(Map.of(CART, reach), Map.of(CART, version));
  }

  private static SortedMap<String, Optional<Part>> others(Part b, Part c) {
    return new TreeMap<>(Map.of("weir-b", Optional.of(b), "weir-c", Optional.of(c)));
  }

  @Test
  void proxiesOfAllAreCounted() {
    Reach all =
        part("7", reach(3, 2, Map.of("a-0", "no")))
            .of(
                CART,
                others(
                    part("7", reach(2, 2, Map.of())), part("7", reach(1, 0, Map.of("c-0", "no")))));
    assertEquals(
        new Reach(
            6,
            4,
            2,
            new TreeMap<>(Map.of("a-0", "no", "c-0", "no")),
            new TreeMap<>(Map.of("retry.budget: left out", 3)),
            new TreeMap<>()),
        all);
  }

  @Test
  void whatIsInForceInAnotherVersionIsNotInForce() {
    Reach all =
        part("7", reach(3, 3, Map.of()))
            .of(CART, others(part("7", reach(2, 2, Map.of())), part("6", reach(1, 1, Map.of()))));
    assertEquals(6, all.concerned());
    assertEquals(5, all.applied());
    assertEquals(Map.of("weir-c", "has not read it yet"), all.unheard());
  }

  @Test
  void whoIsSilentIsNamed() {
    Reach all =
        part("7", reach(3, 3, Map.of()))
            .of(CART, new TreeMap<>(Map.of("weir-b", Optional.empty())));
    assertEquals(Map.of("weir-b", "does not answer"), all.unheard());
  }

  @Test
  void noMoreRefusalsAreNamedThanAStatusHasRoomFor() {
    Map<String, String> four = Map.of("p-1", "no", "p-3", "no", "p-5", "no", "p-7", "no");
    Map<String, String> three = Map.of("p-2", "no", "p-4", "no", "p-6", "no");
    Reach all =
        part("7", reach(9, 0, four))
            .of(CART, others(part("7", reach(9, 0, three)), part("7", Reach.NONE)));
    assertEquals(7, all.refusing());
    assertEquals("[p-1, p-2, p-3, p-4, p-5]", all.refused().keySet().toString());
  }
}
