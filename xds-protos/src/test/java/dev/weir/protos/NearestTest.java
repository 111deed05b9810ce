package dev.weir.protos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestTest {
  private static final List<String> FIELDS = List.of("connect_timeout", "lb_policy", "name");

  @Test
  void aSlipOfTheFingerIsRecognised() {
    assertEquals("; did you mean \"connect_timeout\"?", Nearest.hint("conect_timeout", FIELDS));
    assertEquals("; did you mean \"name\"?", Nearest.hint("nme", FIELDS));
  }

  @Test
  void whatIsFarFromEverythingHasNoHint() {
    assertEquals("", Nearest.hint("health_checks", FIELDS));
    assertEquals("", Nearest.hint("x".repeat(10_000), FIELDS));
  }
}
