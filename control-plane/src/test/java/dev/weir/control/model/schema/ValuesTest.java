package dev.weir.control.model.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations, rates and percentages as people write them. */
class ValuesTest {
  @Property
  void printedDurationParsesToTheSame(@ForAll @LongRange(min = 0, max = 1L << 36) long millis) {
    Duration duration = Duration.ofMillis(millis);
    assertEquals(duration, Span.parse(Span.print(duration)));
  }

  @Property
  void printedPercentageParsesToTheSame(@ForAll @IntRange(max = 10_000) int basisPoints) {
    Percentage percentage = new Percentage(basisPoints);
    assertEquals(percentage, Percentage.parse(percentage.toString()));
  }

  @Test
  void durationIsTheSumOfItsParts() {
    assertEquals(Duration.ofMillis(5_400_050), Span.parse("1h30m50ms"));
  }

  @Test
  void rateIsPerSecond() {
    assertEquals(0.5, Rate.parse("30/m").perSecond());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2", "2 s", "-1s", "1.5s", "100000s", "1h1h1h1h1h", "2S"})
  void otherDurationsAreRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Span.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "10/d", "-1/s", "1.5/s", "10 / s", "9999999999/s"})
  void otherRatesAreRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Rate.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "20", "-1%", "0.001%", "100.01%", "120%", "99999999999%"})
  void otherPercentagesAreRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Percentage.parse(text));
  }
}
