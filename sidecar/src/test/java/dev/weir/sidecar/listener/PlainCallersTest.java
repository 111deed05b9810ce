package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainCallersTest {
  private static final InetSocketAddress APP = address("10.88.0.2", 8080);

  private final PlainCallers callers = new PlainCallers();

  private static InetSocketAddress address(String text, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(text), port);
  }

  private PlainCallers.Port port(int number) {
    PlainCallers.Port port = callers.ports().get(number);
    assertNotNull(port);
    return port;
  }

  @Test
  void connectionsOfAnAddressAreCountedAndTheLastIsKnown() {
    callers.came(APP, address("10.88.0.7", 40000), 100);
    callers.came(APP, address("10.88.0.7", 40001), 200);
    callers.came(APP, address("10.88.0.8", 40000), 150);

    Map<InetAddress, PlainCallers.Seen> seen = port(8080).callers();
    assertEquals(2, seen.size());
    PlainCallers.Seen often = seen.get(InetAddress.ofLiteral("10.88.0.7"));
    assertNotNull(often);
    assertEquals("2 200", often.connections() + " " + often.lastNanos());
  }

  @Test
  void portsAreToldApart() {
    callers.came(APP, address("10.88.0.7", 40000), 100);
    callers.came(address("10.88.0.2", 9999), address("10.88.0.7", 40001), 100);

    assertEquals(2, callers.ports().size());
    assertEquals(1, port(9999).callers().size());
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1", "10.88.0.2"})
  void theAppsOwnCallsAreNobodys(String from) {
    callers.came(APP, address(from, 40000), 100);

    assertEquals(Map.of(), callers.ports());
  }

  @Test
  void thoseForWhomThereIsNoMoreRoomCountAsOne() {
    for (int i = 0; i < PlainCallers.MOST_ADDRESSES + 3; i++) {
      callers.came(APP, address("10.89.0." + i, 40000), i);
    }
    callers.came(APP, address("10.89.0.0", 40000), 1000);

    assertEquals(PlainCallers.MOST_ADDRESSES, port(8080).callers().size());
    assertEquals(3, port(8080).others().connections());
    assertEquals(PlainCallers.MOST_ADDRESSES + 2, port(8080).others().lastNanos());
  }

  @Test
  void portsHaveABoundToo() {
    for (int number = 1; number <= 100; number++) {
      callers.came(address("10.88.0.2", number), address("10.88.0.7", 40000), 0);
    }

    assertEquals(64, callers.ports().size());
  }
}
