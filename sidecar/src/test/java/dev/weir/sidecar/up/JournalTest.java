package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Journal.Screen screen(boolean colours) {
    return new Journal.Screen(
        new PrintStream(out, true, StandardCharsets.UTF_8), colours, "cart-10".length());
  }

  private String shown() {
    String shown = out.toString(StandardCharsets.UTF_8);
    out.reset();
    return shown;
  }

  @Test
  void linesAreShownAsTheyComeAndReadAgain() throws IOException {
    try (Journal journal = Journal.create(folder, Optional.of(screen(false)))) {
      journal.write("cart-1", "a\tb");
      journal.write("cart-10", "c");
      journal.write("stock-1", "d");
    }
    String all = "cart-1  | a\tb\ncart-10 | c\nstock-1 | d\n";
    assertEquals(all, shown());

    new Logs(folder, 0, Optional.empty(), screen(false)).show();
    assertEquals(all, shown());
    new Logs(folder, 0, Optional.of("cart-1"), screen(false)).show();
    assertEquals("cart-1  | a\tb\n", shown());
    new Logs(folder, 0, Optional.of("cart"), screen(false)).show();
    assertEquals("cart-1  | a\tb\ncart-10 | c\n", shown());
    new Logs(folder, Long.MAX_VALUE, Optional.empty(), screen(false)).show();
    assertEquals("", shown());
  }

  @Test
  void whoHasSaidNothingIsNotFound() throws IOException {
    try (Journal journal = Journal.create(folder, Optional.empty())) {
      journal.write("cart-1", "old");
    }
    for (String name : List.of("cart", "cart-1", "shop/cart")) {
      Logs logs = new Logs(folder, Long.MAX_VALUE, Optional.of(name), screen(false));
      logs.show();
      assertTrue(logs.found(), name);
    }
    Logs logs = new Logs(folder, 0, Optional.of("car"), screen(false));
    logs.show();
    assertFalse(logs.found());
    assertEquals("", shown());
  }

  @Test
  void whatComesIsFollowedOverTheFilesTurn() throws Exception {
    String large = "x".repeat(1 << 20);
    try (Journal journal = Journal.create(folder, Optional.empty())) {
      journal.write("cart-1", "before");
      Logs logs = new Logs(folder, 0, Optional.of("cart"), screen(false));
      logs.show();
      for (int index = 0; index < 17; index++) {
        journal.write("stock-1", large);
      }
      journal.write("cart-1", "after");
      AtomicInteger looks = new AtomicInteger();
      logs.follow(() -> looks.incrementAndGet() < 2);
    }

    assertEquals("cart-1  | before\ncart-1  | after\n", shown());
  }

  @Test
  void aTerminalHasColours() {
    screen(true).line("cart-1", "a");

    assertEquals(true, shown().matches("\u001b\\[[0-9]+mcart-1  \\| \u001b\\[0ma\n"));
  }
}
