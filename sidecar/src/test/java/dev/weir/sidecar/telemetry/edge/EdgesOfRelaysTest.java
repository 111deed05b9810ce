package dev.weir.sidecar.telemetry.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.telemetry.edge.Edge.Protocol;
import dev.weir.sidecar.testkit.TcpRelay;
import dev.weir.testkit.Await;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Connections that are no HTTP are counted when they are over. */
class EdgesOfRelaysTest {
  @Test
  void relayIsCountedWithItsBytes() throws Exception {
    try (TcpRelay relay = new TcpRelay("")) {
      try (Socket from = relay.client();
          Socket to = relay.server()) {
        from.getOutputStream().write("question".getBytes(StandardCharsets.US_ASCII));
        to.getInputStream().readNBytes(8);
        to.getOutputStream().write("an answer".getBytes(StandardCharsets.US_ASCII));
        from.getInputStream().readNBytes(9);
      }
      Edges edges = relay.sidecar().sidecar().edges();
      Await.until(() -> edges.size() == 1);
      EdgeReading reading = edges.read().getFirst();
      assertEquals(Protocol.TCP, reading.edge().protocol());
      assertEquals("", reading.edge().responseClass());
      assertEquals("app", reading.edge().destination().service());
      assertEquals(8, reading.received());
      assertEquals(9, reading.sent());
      assertEquals(1, reading.count());
    }
  }
}
