package dev.weir.control;

import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * What the connections of sidecars live on: event loops, buffers with a bound, and the threads of
 * their calls. It is there before the server and ends after it.
 */
final class Connections {
  /** In the buffers of connections; what is between them is lost, so that half is all. */
  private static final long MOST_BUFFERED = PlatformDependent.maxDirectMemory() / 2;

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

  /** Whether they hold as much memory as they may. Any thread. */
  boolean full() {
    return buffers.pinnedDirectMemory() > MOST_BUFFERED;
  }

  /** A server whose connections are these. */
  NettyServerBuilder server(InetSocketAddress address) {
    return NettyServerBuilder.forAddress(address)
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops)
        .channelType(NioServerSocketChannel.class)
        .executor(calls)
        .withChildOption(ChannelOption.ALLOCATOR, buffers);
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
