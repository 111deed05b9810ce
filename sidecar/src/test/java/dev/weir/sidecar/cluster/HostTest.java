package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Health;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is known of a host beside its endpoint. */
class HostTest {
  private static final long MOMENT = Duration.ofMillis(500).toNanos();

  private static Endpoint endpoint(int port, int weight) {
    return new Endpoint(new SocketAddress.Ip("127.0.0.1", port), weight, Health.HEALTHY, 0, "");
  }

  @Test
  void hostThatCouldNotBeReachedIsAvoidedForAMoment() {
    Host host = new Host(endpoint(1, 1));
    assertFalse(host.unreachableAt(0));
    host.unreachable(100);
    assertTrue(host.unreachableAt(100));
    assertTrue(host.unreachableAt(100 + MOMENT - 1));
    assertFalse(host.unreachableAt(100 + MOMENT));
    host.unreachable(100);
    host.reached();
    assertFalse(host.unreachableAt(100));
  }

  @Test
  void hostThatMovesIsWhereItIsNowAndHasNotBeenTriedThere() {
    Host host = new Host(endpoint(1, 1));
    host.unreachable(100);
    host.endpoint(endpoint(1, 7));
    assertEquals(7, host.endpoint().weight());
    assertTrue(host.unreachableAt(100), "it is where it was");
    host.endpoint(endpoint(2, 7));
    assertFalse(host.unreachableAt(100));
    assertEquals(2, ((InetSocketAddress) host.socketAddress()).getPort());
    assertEquals("127.0.0.1:2", host.toString());
  }

  @Test
  void stateIsMadeOnceForEachOwnerAndForgottenWithIt() {
    Host host = new Host(endpoint(1, 1));
    Object first = host.state("a", Object::new);
    assertSame(first, host.state("a", Object::new));
    Object other = host.state("b", Object::new);
    assertNotSame(first, other);
    host.forget("a");
    assertNotSame(first, host.state("a", Object::new));
    assertSame(other, host.state("b", Object::new));
  }
}
