package dev.weir.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What goes to a terminal, and what to anything else. */
class TellerTest {
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8);

  @Test
  void withoutATerminalThereArePlainLinesAndNoPulse() {
    Teller teller = new Teller(out, new Teller.Screen(false, 0));
    teller.pulse("1 calls/s");
    teller.scene("One");
    teller.say("%d calls", 2);
    teller.still();
    assertEquals("\n1. One\n   2 calls\n", text());
  }

  @Test
  void thePulseIsCutToTheWidthAndGoneBeforeTheNextLine() {
    Teller teller = new Teller(out, new Teller.Screen(true, 12));
    teller.pulse("1234567890");
    teller.pulse("abc");
    teller.say("a line");
    teller.say("another");
    teller.still();
    assertEquals(
        "\r\033[K\033[2m   12345678\033[0m\r\033[K\033[2m   abc\033[0m"
            + "\r\033[K   a line\n   another\n",
        text());
  }

  @Test
  void aTerminalWithoutColoursHasAPulseToo() {
    Teller teller = new Teller(out, new Teller.Screen(false, 80));
    teller.pulse("abc");
    teller.still();
    assertEquals("\r\033[K   abc\r\033[K", text());
  }

  @Test
  void thePulseTellsRefusalsFromFailures() {
    Tally second = new Tally();
    second.add(new Answer(200, "", 2_000_000));
    second.add(new Answer(429, "rate-limited;limit=\"a\"", 1_000_000));
    second.add(new Answer(503, "", 1_000_000));
    second.add(new Answer(0, "connection refused", 9_000_000));
    assertEquals(
        "4 calls/s: 1 ok, 3 tried again, 1 refused, 2 failed, p99 9 ms", Pulse.line(second, 3));
  }

  private String text() {
    return told.toString(StandardCharsets.UTF_8);
  }
}
