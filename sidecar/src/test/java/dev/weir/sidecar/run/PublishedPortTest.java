package dev.weir.sidecar.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishedPortTest {
  @ParameterizedTest
  @CsvSource({
    "8080, 127.0.0.1:8080:8080",
    "80:8080, 127.0.0.1:80:8080",
    "0.0.0.0:80, 0.0.0.0:80:80",
    "10.1.2.3:80:8080, 10.1.2.3:80:8080",
    "[::1]:80:8080, [0:0:0:0:0:0:0:1]:80:8080",
  })
  void whatIsLeftOutIsTheLoopbackAndTheSamePort(String text, String whole) {
    assertEquals(whole, PublishedPort.parse(text).toString());
    assertEquals(whole, PublishedPort.parse(whole).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "0, '0 is not a port, from 1 to 65535'",
    "80:65536, '65536 is not a port, from 1 to 65535'",
    "host:80, '\"host:80\" is not [IP:]PORT[:APP_PORT], as 8080 or 0.0.0.0:80:8080'",
    "8080/udp, '\"8080/udp\" is not [IP:]PORT[:APP_PORT], as 8080 or 0.0.0.0:80:8080'",
  })
  void whatIsNoneIsTold(String text, String what) {
    assertEquals(
        what,
        assertThrows(IllegalArgumentException.class, () -> PublishedPort.parse(text)).getMessage());
  }
}
