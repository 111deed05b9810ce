package dev.weir.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The connections of an attack; they read nothing but what {@code transport} needs. One thread. */
public final class Attackers implements AutoCloseable {
  private static final long PAUSE_NANOS = 2_000_000;
  private static final int MOST_CONNECTIONS = 3000;
  private static final long LONGEST_BEGIN_NANOS = 3_000_000_000L;

  private final InetSocketAddress target;
  private final Attack attack;
  private final Transport transport;
  private final List<One> all = new ArrayList<>();
  private int made;
  private int begun;
  private int refused;

  /** A connection, and what it has not sent yet. */
  private static final class One {
    private final SocketChannel channel;
    private final Transport.Wire wire;
    private ByteBuffer left;
    private int round;
    private boolean begun;

    One(SocketChannel channel, Transport.Wire wire, byte[] first) {
      this.channel = channel;
      this.wire = wire;
      this.left = ByteBuffer.wrap(first);
    }
  }

  public Attackers(Attack attack, Transport transport, int port) {
    this.attack = attack;
    this.transport = transport;
    this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /**
   * Attacks for so long, once as many as there are to be have said their first or were refused.
   *
   * @return how many have said it
   */
  public int run(long nanos) throws IOException {
    long latest = System.nanoTime() + LONGEST_BEGIN_NANOS;
    while (begun + refused < attack.connections() && System.nanoTime() - latest < 0) {
      round();
    }
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0) {
      round();
    }
    return begun;
  }

  private void round() throws IOException {
    while (all.size() < attack.connections() && made < MOST_CONNECTIONS) {
      all.add(connect());
    }
    for (One each : List.copyOf(all)) {
      if (!say(each)) {
        all.remove(each);
      }
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private One connect() throws IOException {
    made++;
    SocketChannel channel = SocketChannel.open();
    // What is small holds back nobody but him who does not read.
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 10);
    channel.connect(target);
    channel.configureBlocking(false);
    return new One(channel, transport.over(channel), attack.first());
  }

  /** False: it is over. */
  private boolean say(One one) {
    try {
      one.wire.write(one.left);
      if (one.left.hasRemaining()) {
        return true;
      }
      if (!one.begun) {
        one.begun = true;
        begun++;
      }
      if (!attack.stays()) {
        reset(one);
        return false;
      }
      one.left = ByteBuffer.wrap(attack.more().apply(one.round++));
      return true;
    } catch (IOException e) {
      refused += one.begun ? 0 : 1;
      reset(one); // the server has ended it
      return false;
    }
  }

  private static void reset(One one) {
    try (SocketChannel channel = one.channel) {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      // it is closed all the same
    }
  }

  @Override
  public void close() {
    all.forEach(Attackers::reset);
  }
}
