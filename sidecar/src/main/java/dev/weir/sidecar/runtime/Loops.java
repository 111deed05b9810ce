package dev.weir.sidecar.runtime;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** The event loops of a process: epoll on Linux, NIO elsewhere or when asked for. */
public final class Loops implements AutoCloseable {
  /**
   * In a turn. Netty takes one, so that whoever comes waits a turn for each that came before him,
   * and turns are long when it matters.
   */
  private static final int MOST_ACCEPTED = 64;

  private final boolean epoll;
  private final MultiThreadIoEventLoopGroup group;
  private final List<Loop> loops;
  private final BufferShare buffers = new BufferShare();

  /** Of what is no loop's. */
  private final SplittableRandom shared;

  /**
   * @param count 1 or more
   * @param preferEpoll false: NIO even where epoll is to be had
   * @param random split for the loops
   */
  public Loops(
      int count, boolean preferEpoll, Clock clock, SplittableRandom random, Incidents incidents) {
    if (count < 1) {
      throw new IllegalArgumentException("concurrency " + count + " is not 1 or more");
    }
    this.epoll = preferEpoll && Epoll.isAvailable();
    IoHandlerFactory handlers = epoll ? SteadyEpoll.newFactory() : NioIoHandler.newFactory();
    this.group = new Group(count, new DefaultThreadFactory("loop"), handlers);
    List<Loop> loops = new ArrayList<>();
    for (EventExecutor executor : group) {
      loops.add(new Loop(loops.size(), (EventLoop) executor, clock, random.split(), incidents));
    }
    this.loops = List.copyOf(loops);
    this.shared = random.split();
  }

  /** The cgroup's CPU quota rounded up; without one 2, or 1 on a machine of one CPU. */
  public static int defaultCount() {
    return CpuQuota.cpus().orElse(Math.min(2, Runtime.getRuntime().availableProcessors()));
  }

  public Clock clock() {
    return loops.getFirst().clock();
  }

  /** A source of chance of the caller's own. Any thread, seldom. */
  public synchronized SplittableRandom newRandom() {
    return shared.split();
  }

  /** Chance for what concerns all loops: from 0 on, below {@code bound}. Any thread, seldom. */
  public synchronized int nextInt(int bound) {
    return shared.nextInt(bound);
  }

  public List<Loop> all() {
    return loops;
  }

  public int count() {
    return loops.size();
  }

  public Loop get(int index) {
    return loops.get(index);
  }

  /** The loop with the fewest downstream connections. */
  public Loop leastLoaded() {
    Loop least = loops.get(0);
    for (int i = 1; i < loops.size(); i++) {
      if (loops.get(i).connections() < least.connections()) {
        least = loops.get(i);
      }
    }
    return least;
  }

  /**
   * Runs {@code each} on every loop, with its index, after what that is at and what waits there;
   * and {@code then} on the last of them. Any thread. Loops that have ended run nothing.
   */
  public void pass(IntConsumer each, Runnable then) {
    AtomicInteger left = new AtomicInteger(loops.size());
    for (Loop loop : loops) {
      Runnable task =
          () -> {
            each.accept(loop.index());
            if (left.decrementAndGet() == 0) {
              then.run();
            }
          };
      if (!loop.eventLoop().isShuttingDown()) {
        loop.eventLoop().execute(task);
      }
    }
  }

  public boolean epoll() {
    return epoll;
  }

  public ServerChannel newServerChannel(boolean domain) {
    ServerChannel channel = newListening(domain);
    channel
        .config()
        .setRecvByteBufAllocator(
            new ServerChannelRecvByteBufAllocator()
                .respectMaybeMoreData(false) // it is said of bytes, and taken for one connection
                .maxMessagesPerRead(MOST_ACCEPTED));
    return channel;
  }

  private ServerChannel newListening(boolean domain) {
    if (domain) {
      requireEpoll();
      return new EpollServerDomainSocketChannel();
    }
    if (epoll) {
      return new EpollServerSocketChannel();
    }
    return new NioServerSocketChannel();
  }

  /** What the connections of all loops may hold of what is not taken. */
  public BufferShare buffers() {
    return buffers;
  }

  public Channel newClientChannel(boolean domain) {
    if (domain) {
      requireEpoll();
      return new EpollDomainSocketChannel();
    }
    return epoll ? new EpollSocketChannel() : new NioSocketChannel();
  }

  public DatagramChannel newDatagramChannel() {
    return epoll ? new EpollDatagramChannel() : new NioDatagramChannel();
  }

  private void requireEpoll() {
    if (!epoll) {
      throw new IllegalStateException("Unix domain sockets need Linux and epoll");
    }
  }

  /** Ends the loops; connections that are still open are cut. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  private static final class Group extends MultiThreadIoEventLoopGroup {
    Group(int count, ThreadFactory threads, IoHandlerFactory handlers) {
      super(count, threads, handlers);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... none) {
      return new SingleThreadIoEventLoop(this, executor, handlers) {
        @Override
        protected void run() {
          super.run();
          // A loop that is told to end between two of its own checks leaves its channels open.
          ioHandler().prepareToDestroy();
        }
      };
    }
  }
}
