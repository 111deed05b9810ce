package dev.weir.sidecar.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.transport.ServerName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostPoolsTest {
  private static final class Counted implements Pool {
    private final boolean empty;
    private int drained;

    Counted(boolean empty) {
      this.empty = empty;
    }

    @Override
    public Pending newStream(
        StreamDecoder decoder, Resources resources, StreamCallbacks callbacks) {
      throw new AssertionError();
    }

    @Override
    public void drain() {
      drained++;
    }

    @Override
    public boolean empty() {
      return empty;
    }
  }

  private final PoolFixture fixture = PoolFixture.to(1);
  private final Host host = fixture.host();
  private final HostPools pools = new HostPools();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static ServerName name(int number) {
    return new ServerName("name-" + number, null);
  }

  @Test
  void hostHasAPoolForEachNameItIsCalledBy() {
    Counted configured = new Counted(false);
    Counted called = new Counted(false);
    pools.put(host, null, configured);
    pools.put(host, name(1), called);
    assertSame(configured, pools.get(host, null));
    assertSame(called, pools.get(host, name(1)));
    assertNull(pools.get(host, name(2)));

    pools.drain(host);
    assertEquals(1, configured.drained);
    assertEquals(1, called.drained);
    pools.remove(host, name(1));
    assertNull(pools.get(host, name(1)));
  }

  /** Whoever sends ever other names fills nothing. */
  @Test
  void poolsOfNamesThatHaveNothingLeftAreForgotten() {
    Counted busy = new Counted(false);
    pools.put(host, name(-1), busy);
    for (int i = 0; i < 10_000; i++) {
      pools.put(host, name(i), new Counted(true));
    }
    assertEquals(true, pools.named() <= 64, pools.named() + " are kept");
    assertSame(busy, pools.get(host, name(-1)));
  }
}
