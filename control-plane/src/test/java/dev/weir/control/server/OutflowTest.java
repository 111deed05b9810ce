package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How much is on its way to all clients at once. */
class OutflowTest {
  private static final int LARGE = 100_000;

  private boolean full;
  private final Outflow outflow = new Outflow(2 * LARGE, Duration.ofSeconds(5), () -> full);
  private final List<String> sent = new ArrayList<>();
  private Duration now = Duration.ZERO;

  /** A client that is owed some responses. */
  private final class Client implements Outflow.Waiting {
    private final Outflow.Flow flow = new Outflow.Flow();
    private final String name;
    private int owed;

    Client(String name, int owed) {
      this.name = name;
      this.owed = owed;
    }

    @Override
    public void room() {
      while (owed > 0 && outflow.hasRoom(this, LARGE)) {
        owed--;
        sent.add(name);
        outflow.sent(flow, LARGE, now);
      }
    }
  }

  @Test
  void whoFindsNoRoomHasATurnInTheOrderOfComing() {
    Client a = new Client("a", 3);
    Client b = new Client("b", 1);
    Client c = new Client("c", 1);
    a.room();
    b.room();
    c.room();
    assertEquals(List.of("a", "a"), sent);
    outflow.taken(a.flow);
    assertEquals(List.of("a", "a", "a", "b"), sent);
    outflow.taken(b.flow);
    assertEquals(List.of("a", "a", "a", "b", "c"), sent);
  }

  @Test
  void whatIsSmallIsNeverHeldUp() {
    Client a = new Client("a", 9);
    a.room();
    assertTrue(outflow.hasRoom(new Client("b", 1), Outflow.SMALL));
    assertFalse(outflow.hasRoom(new Client("b", 1), Outflow.SMALL + 1));
  }

  @Test
  void manySmallOnesLeaveNoRoomForOthers() {
    Client small = new Client("small", 0);
    for (int i = 0; i < 2 * LARGE / 1000; i++) {
      outflow.sent(small.flow, 10, now);
    }
    Client large = new Client("large", 1);
    large.room();
    assertEquals(List.of(), sent);
    outflow.taken(small.flow);
    assertEquals(List.of("large"), sent);
  }

  @Test
  void whatIsNotedAsTakenGivesItsRoomToWhoFindsNone() {
    Client a = new Client("a", 2);
    Client b = new Client("b", 1);
    a.room();
    a.flow.note("1");
    assertEquals(Optional.empty(), a.flow.take("0"));
    assertEquals(Optional.of(now), a.flow.take("1"));
    assertEquals(Optional.empty(), a.flow.take("1"), "it is noted once");
    assertFalse(outflow.hasLine(), "nobody needs to know");
    b.room();
    assertEquals(List.of("a", "a", "b"), sent);
    assertTrue(a.flow.noted(), "the stream has not looked yet");
    assertFalse(a.flow.noted());
  }

  @Test
  void whoeverIsInLineIsToBeToldOfWhatIsNoted() {
    Client a = new Client("a", 2);
    Client b = new Client("b", 1);
    a.room();
    a.flow.note("1");
    b.room();
    assertTrue(outflow.hasLine());
    assertEquals(Optional.of(now), a.flow.take("1"));
    outflow.noted(a.flow);
    assertEquals(List.of("a", "a", "b"), sent);
    assertFalse(outflow.hasLine());
  }

  @Test
  void whatWasNotedAndCountedLeavesTheResponseAfterIt() {
    Client a = new Client("a", 1);
    Client b = new Client("b", 1);
    a.room();
    a.flow.note("1");
    assertEquals(Optional.of(now), a.flow.take("1"));
    assertTrue(a.flow.noted());
    outflow.taken(a.flow);
    outflow.sent(a.flow, 2 * LARGE, now);
    outflow.noted(a.flow); // late: whoever took the first has told of it meanwhile
    b.room();
    assertEquals(List.of("a"), sent, "the second is on its way");
  }

  @Test
  void whatWasNotedIsOfNoResponseAfterIt() {
    Client a = new Client("a", 2);
    a.room();
    a.flow.note("1");
    assertEquals(Optional.of(now), a.flow.take("1"));
    outflow.sent(a.flow, 1, now);
    assertFalse(a.flow.noted());
    a.flow.note("2");
    assertFalse(a.flow.noted());
    assertEquals(Optional.empty(), a.flow.take("2"), "answers come to the stream again");
  }

  @Test
  void clientThatDoesNotReadHoldsUpTheOthersForATimeAndNotLonger() {
    Client dead = new Client("dead", 9);
    Client other = new Client("other", 1);
    dead.room();
    other.room();
    now = now.plusSeconds(5);
    outflow.expire(now);
    assertEquals(List.of("dead", "dead"), sent);
    now = now.plusMillis(1);
    outflow.expire(now);
    assertEquals(List.of("dead", "dead", "dead", "other"), sent);
  }

  @Test
  void whileConnectionsHoldAllTheyMayNothingLargeBegins() {
    full = true;
    Client a = new Client("a", 1);
    a.room();
    now = now.plusSeconds(60);
    outflow.expire(now);
    assertEquals(List.of(), sent);
    full = false;
    outflow.expire(now);
    assertEquals(List.of("a"), sent);
  }

  @Test
  void whoIsGoneLeavesTheLineAndGivesItsRoomBack() {
    Client a = new Client("a", 2);
    Client b = new Client("b", 1);
    Client c = new Client("c", 1);
    a.room();
    b.room();
    c.room();
    outflow.left(b, List.of(b.flow));
    outflow.left(a, List.of(a.flow));
    assertEquals(List.of("a", "a", "c"), sent);
  }
}
