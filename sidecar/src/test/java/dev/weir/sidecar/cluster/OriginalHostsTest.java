package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class OriginalHostsTest {
  private static final InetSocketAddress DATABASE = new InetSocketAddress("10.0.0.1", 5432);
  private static final long SECOND = 1_000_000_000L;

  private final OriginalHosts hosts = new OriginalHosts();

  @Test
  void destinationIsOneHostForAsLongAsItIsUsed() {
    Host host = hosts.of(DATABASE, 0);
    assertNotNull(host);
    assertEquals("10.0.0.1:5432", host.toString());
    assertSame(host, hosts.of(DATABASE, 4 * SECOND));
    assertEquals(List.of(), hosts.forgetUnused(8 * SECOND, 5 * SECOND));
    assertSame(host, hosts.of(DATABASE, 8 * SECOND));
  }

  @Test
  void unusedDestinationIsForgottenUnlessARequestIsUnderWay() {
    Host host = hosts.of(DATABASE, 0);
    assertNotNull(host);
    host.active().incrementAndGet();
    assertEquals(List.of(), hosts.forgetUnused(5 * SECOND, 5 * SECOND));
    host.active().decrementAndGet();
    assertEquals(List.of(host), hosts.forgetUnused(5 * SECOND, 5 * SECOND));
    assertTrue(host.removed());
    assertNotSame(host, hosts.of(DATABASE, 5 * SECOND));
  }

  @Test
  void destinationsAreBounded() {
    for (int port = 1; port <= OriginalHosts.MOST; port++) {
      assertNotNull(hosts.of(new InetSocketAddress("10.0.0.1", port), 0));
    }
    assertNull(hosts.of(new InetSocketAddress("10.0.0.2", 1), 0));
    assertNotNull(hosts.of(new InetSocketAddress("10.0.0.1", 1), 0), "known ones go on");
    hosts.forgetAll();
    assertNotNull(hosts.of(new InetSocketAddress("10.0.0.2", 1), 0));
  }

  @Test
  void allAreForgottenAtOnceAndAfterTheEndNoneIsKept() {
    Host host = java.util.Objects.requireNonNull(hosts.of(DATABASE, 0));
    assertEquals(List.of(host), hosts.forgetAll());
    assertTrue(host.removed());
    assertEquals(List.of(), hosts.forgetAll());
    Host next = java.util.Objects.requireNonNull(hosts.of(DATABASE, 0));
    assertNotSame(host, next);
    assertFalse(next.removed());
    assertEquals(List.of(next), hosts.close());
    Host last = java.util.Objects.requireNonNull(hosts.of(DATABASE, 0));
    assertTrue(last.removed(), "it is for this one request");
  }
}
