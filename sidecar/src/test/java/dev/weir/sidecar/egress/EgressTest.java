package dev.weir.sidecar.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressTest {
  private final Egress egress = Egress.parse("10.88.0.0/16=/run/mesh/egress");

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, true",
    "10.89.0.1, true",
    "10.87.255.255, true",
    "169.254.169.254, true",
    "10.88.0.2, false",
    "10.88.255.255, false",
    "127.0.0.1, false",
    "127.9.9.9, false",
    "0.0.0.0, false",
    "240.240.1.2, false",
    "224.0.0.1, false",
    "::1, false",
    "2001:db8::1, false"
  })
  void whatIsOutsideOfTheMeshLeavesByTheDoor(String address, boolean leaves) {
    assertEquals(leaves, egress.leadsTo(new InetSocketAddress(InetAddress.ofLiteral(address), 80)));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    assertEquals("10.88.0.0/16=/run/mesh/egress", egress.toString());
    assertEquals(Optional.of(Path.of("/run/mesh/egress")), egress.door());
    Egress closed = Egress.parse("10.88.0.0/16");
    assertEquals(Optional.empty(), closed.door());
    assertEquals("10.88.0.0/16", closed.toString());
    assertEquals(true, Egress.parse("0.0.0.0/0=/x").inside().length() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.88.0.0", "10.88.0.0=/x", "10.88.0.0/33=/x", "mesh/16=/x", "::/0=/x"})
  void whatIsNoRangeOrNoFileIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Egress.parse(text));
  }
}
