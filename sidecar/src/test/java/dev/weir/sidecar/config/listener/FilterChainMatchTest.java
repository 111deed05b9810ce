package dev.weir.sidecar.config.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.config.CidrRange;
import dev.weir.sidecar.config.listener.FilterChain.FilterChainMatch;
import dev.weir.sidecar.config.listener.FilterChain.SourceType;
import java.lang.reflect.RecordComponent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FilterChainMatchTest {
  private static final CidrRange RANGE = new CidrRange("10.0.0.0", 8);

  private static FilterChainMatch match(int other) {
    return new FilterChainMatch(
        other == 0 ? 1 : 0,
        other == 1 ? List.of(RANGE) : List.of(),
        other == 2 ? List.of("a") : List.of(),
        other == 3 ? "tls" : "",
        other == 4 ? List.of("h2") : List.of(),
        other == 5 ? List.of(RANGE) : List.of(),
        other == 6 ? SourceType.EXTERNAL : SourceType.ANY,
        other == 7 ? List.of(RANGE) : List.of(),
        other == 8 ? List.of(1) : List.of());
  }

  @Test
  void matchesAreEqualWhereEachCriterionIs() {
    RecordComponent[] criteria = FilterChainMatch.class.getRecordComponents();
    Set<FilterChainMatch> different = new HashSet<>(Set.of(FilterChainMatch.ANY));
    for (int other = 0; other < criteria.length; other++) {
      different.add(match(other));
      assertEquals(match(other), match(other));
      assertEquals(match(other).hashCode(), match(other).hashCode());
    }
    assertEquals(criteria.length + 1, different.size());
    assertEquals(FilterChainMatch.ANY, match(criteria.length));
  }
}
