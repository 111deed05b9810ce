package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What a peer can make others wait for by beginning handshakes. */
class HandshakeFloodTest {
  private final List<Runnable> waiting = new ArrayList<>();
  private final PeerShares shares = new PeerShares();
  private int done;

  private HandshakeSteps connectionOf(String peer) {
    return new HandshakeSteps(waiting::add, shares, peer);
  }

  private void step(HandshakeSteps connection) {
    connection.execute(() -> done++);
  }

  @Test
  void aFloodOfOneAddressLeavesTheOthersTheirPlaces() {
    for (int i = 0; i < PeerShares.MOST; i++) {
      step(connectionOf("flood"));
    }
    RejectedExecutionException refused =
        assertThrows(RejectedExecutionException.class, () -> step(connectionOf("flood")));
    assertTrue(String.valueOf(refused.getMessage()).contains("of flood wait"));
    step(connectionOf("other"));
    assertEquals(PeerShares.MOST + 1, waiting.size());

    waiting.forEach(Runnable::run);
    assertEquals(PeerShares.MOST + 1, done);
    assertEquals(0, shares.size(), "nobody is remembered");
    step(connectionOf("flood"));
  }

  @Test
  void aStepThatThereIsNoPlaceForCountsToNobody() {
    HandshakeSteps connection =
        new HandshakeSteps(
            step -> {
              throw new RejectedExecutionException("full");
            },
            shares,
            "peer");
    assertThrows(RejectedExecutionException.class, () -> step(connection));
    assertEquals(0, shares.size());
  }

  @Test
  void aConnectionHasSoManyStepsAndNoneAfterItsHandshake() {
    HandshakeSteps endless = connectionOf("peer");
    assertThrows(
        RejectedExecutionException.class,
        () -> {
          while (waiting.size() < 1000) {
            step(endless);
          }
        });
    assertEquals(32, waiting.size());
    HandshakeSteps over = connectionOf("peer");
    step(over);
    over.end();
    assertThrows(RejectedExecutionException.class, () -> step(over));
  }
}
