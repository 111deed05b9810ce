package dev.weir.control.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
  @ParameterizedTest
  @CsvSource({
    "10.88.0.0/16, 10.88.255.1, true",
    "10.88.9.9/16, 10.88.0.1, true",
    "10.88.0.0/16, 10.89.0.0, false",
    "192.0.2.7/32, 192.0.2.7, true",
    "192.0.2.7/32, 192.0.2.8, false",
    "128.0.0.0/1, 255.255.255.255, true",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, ::1, false",
    "10.88.0.0/16, example, false"
  })
  void anAddressIsInItIfItsFirstBitsAreTheRanges(String range, String address, boolean inside) {
    assertEquals(inside, AddressRange.parse(range).contains(address));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.88.0.0", "10.88.0/16", "10.88.0.0/33", "10.88.0.0/", "::/0", "a/8"})
  void whatIsNoRangeIsSaid(String text) {
    assertEquals(
        "\"" + text + "\" is no range of IPv4 addresses, as 10.88.0.0/16",
        assertThrows(IllegalArgumentException.class, () -> AddressRange.parse(text)).getMessage());
  }

  @Test
  void rangesOfTheSameAddressesAreEqual() {
    assertEquals(AddressRange.parse("10.88.0.0/16"), AddressRange.parse("10.88.7.7/16"));
  }
}
