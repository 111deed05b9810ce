package dev.weir.cli.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RangesTest {
  @ParameterizedTest
  @CsvSource({"22, 22", "9000-9010, 9000-9010", "7-7, 7"})
  void portsAreOneOrSeveralInARow(String text, String printed) {
    assertEquals(printed, PortRange.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "foo", "0", "70000", "9-7", "1-", "-1", "80 ", "1-2-3", "999999"})
  void whatIsNoPortIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> PortRange.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8",
    "10.1.2.3, 10.1.2.3/32",
    "fd00::/8, fd00:0:0:0:0:0:0:0/8",
    "::1, 0:0:0:0:0:0:0:1/128",
    "0.0.0.0/0, 0.0.0.0/0"
  })
  void addressesAreRangesOrOne(String text, String printed) {
    assertEquals(printed, Cidr.parse(text).toString());
  }

  /** A zone would be the one of the machine that reads it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "80",
        "10.1",
        "10.0.0.0/40",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "fd00::/129",
        "db",
        "fe80::1%lo",
        "/8",
        "300.0.0.1",
        "1:2"
      })
  void whatIsNoRangeIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Cidr.parse(text));
  }
}
