package dev.weir.sidecar.filter.http.jwtauthn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class RecentTest {
  private final Recent<String, Integer> recent = new Recent<>(10, String::length);

  @Test
  void whatIsLongUnusedGoesAndWhatIsInUseStays() {
    recent.put("used", 1);
    recent.put("idle", 2);
    for (int i = 0; i < 10; i++) {
      recent.put("more" + i, i);
      assertEquals(1, recent.get("used"));
    }

    assertNull(recent.get("idle"));
  }

  @Test
  void whatIsPutAgainIsTheNewOneAndWeighsOnce() {
    recent.put("ten-or-so.", 1);
    recent.put("ten-or-so.", 2);
    recent.put("other", 3);

    assertEquals(2, recent.get("ten-or-so."));
    assertEquals(3, recent.get("other"));
  }
}
