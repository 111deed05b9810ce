package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MistakesTest {
  @Test
  void firstAtAPlaceHasItsStackAndThoseAfterItAreCounted() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Mistakes mistakes = new Mistakes(new PrintStream(out, true, StandardCharsets.UTF_8));
    for (int i = 0; i < 123; i++) {
      mistakes.accept(new IllegalStateException("one"));
    }
    mistakes.accept(new IllegalArgumentException("other"));
    List<String> said =
        out.toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("weir"))
            .toList();
    assertEquals(
        List.of(
            "weir control-plane: a mistake of its own: java.lang.IllegalStateException: one",
            "weir control-plane: 10 times now: java.lang.IllegalStateException: one",
            "weir control-plane: 100 times now: java.lang.IllegalStateException: one",
            "weir control-plane: a mistake of its own: java.lang.IllegalArgumentException: other"),
        said);
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("MistakesTest.java"));
  }
}
