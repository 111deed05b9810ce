package dev.weir.control;

import dev.weir.control.server.partial.PartialRequests;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What the connections of sidecars live on: event loops, buffers with a bound, and the threads of
 * their calls. It is there before the server and ends after it.
 */
final class Connections {
  /**
   * In a turn of a loop, which has connections beside it. Netty takes one, so that of those who all
   * come back at once each waits a turn for everyone before him.
   */
  private static final int MOST_ACCEPTED = 64;

  /** In the buffers of connections; what is between them is lost, so that half is all. */
  private static final long MOST_BUFFERED = PlatformDependent.maxDirectMemory() / 2;

  /**
   * Of requests that are not whole, for long; beside what is on its way to clients there is room.
   */
  private static final long MOST_PARTIAL = PlatformDependent.maxDirectMemory() / 4;

  /** Of one read of a connection, and how many are its turn: thousands of frames fit into it. */
  private static final int LEAST_READ = 64;

  private static final int FIRST_READ = 2 << 10;
  private static final int MOST_READ = 16 << 10;
  private static final int READS = 4;

  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  private final PooledByteBufAllocator buffers = new PooledByteBufAllocator(true);
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(),
          new DefaultThreadFactory("ads", true),
          NioIoHandler.newFactory());

  /**
   * Of our own, to be waited for: what answers after the loops have ended loses its buffers.
   * Virtual threads, since as many as there are clients may wait for what a token's giver says.
   */
  private final ExecutorService calls =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ads-call-", 0).factory());

  private final PartialRequests partial;

  /**
   * @param told is told whose connections are ended, and why, seldom; on an event loop
   * @param cut is told of each
   */
  Connections(Consumer<String> told, Runnable cut) {
    Seldom line = new Seldom(told, System::nanoTime);
    partial =
        new PartialRequests(
            MOST_PARTIAL,
            System::nanoTime,
            peer -> {
              cut.run();
              line.accept(
                  "a connection of %s is ended: requests that are not whole take too much memory"
                      .formatted(host(peer)));
            });
  }

  private static String host(SocketAddress peer) {
    return peer instanceof InetSocketAddress of ? of.getAddress().getHostAddress() : "nobody";
  }

  /** Whether they hold as much memory as they may. Any thread. */
  boolean full() {
    return buffers.pinnedDirectMemory() > MOST_BUFFERED;
  }

  /** A server whose connections are these. */
  NettyServerBuilder server(InetSocketAddress address) {
    return NettyServerBuilder.forAddress(address)
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops)
        .channelFactory(this::listening)
        .executor(calls)
        .addStreamTracerFactory(partial.tracers())
        .withChildOption(ChannelOption.ALLOCATOR, buffers)
        .withChildOption(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(LEAST_READ, FIRST_READ, MOST_READ)
                .maxMessagesPerRead(READS));
  }

  /** What listens; of its connections those are ended whose requests never become whole. */
  ServerChannel listening() {
    NioServerSocketChannel channel = new NioServerSocketChannel();
    channel.pipeline().addFirst(partial);
    channel
        .config()
        .setRecvByteBufAllocator(
            new ServerChannelRecvByteBufAllocator().maxMessagesPerRead(MOST_ACCEPTED));
    return channel;
  }

  /** Of a start that failed: nobody waits for them. */
  void abandon() {
    loops.shutdownGracefully();
    calls.shutdown();
  }

  /** Of a server that has ended. */
  void end() throws IOException, InterruptedException {
    calls.shutdown();
    if (!calls.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("calls did not end within " + LONGEST_END.toSeconds() + " s");
    }
    // A closed channel keeps its port until its selector looks again: with the loops ended, the
    // port is free when this returns.
    loops
        .shutdownGracefully(0, LONGEST_END.toSeconds(), TimeUnit.SECONDS)
        .await(LONGEST_END.toSeconds(), TimeUnit.SECONDS);
  }
}
