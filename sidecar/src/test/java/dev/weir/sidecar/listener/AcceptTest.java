package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.testkit.TestSidecar;
import io.netty.channel.SingleThreadEventLoop;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AcceptTest {
  private static final int CONNECTIONS = 40;

  private final AtomicInteger turns = new AtomicInteger();
  private final CountDownLatch accepted = new CountDownLatch(1);

  /** Counts the turns of the loop from now on until all are accepted. */
  private void count(Loop loop) {
    SingleThreadEventLoop eventLoop = (SingleThreadEventLoop) loop.eventLoop();
    eventLoop.executeAfterEventLoopIteration(() ->
        eventLoop.execute(() -> {
          turns.incrementAndGet();
          if (loop.connections() == CONNECTIONS) {
            accepted.countDown();
          } else {
            count(loop);
          }
        }));
  }

  @Test
  void thoseWhoWaitDoNotWaitForATurnEach() throws Exception {
    List<Socket> clients = new ArrayList<>();
    AtomicBoolean held = new AtomicBoolean(true);
    try (TestSidecar sidecar = TestSidecar.start(TestSidecar.yaml(1, "", "", "", ""), 1)) {
      Loop loop = sidecar.sidecar().loops().get(0);
      loop.eventLoop()
          .execute(() -> {
            boolean wait;
            do {
              wait = held.get(); // all are there before the loop looks
            } while (wait);
            count(loop);
          });
      for (int i = 0; i < CONNECTIONS; i++) {
        clients.add(new Socket(InetAddress.getLoopbackAddress(), sidecar.port()));
      }
      held.set(false);
      accepted.await();
      assertTrue(turns.get() <= 4, turns + " turns");
    } finally {
      held.set(false);
      for (Socket client : clients) {
        client.close();
      }
    }
  }
}
