package dev.weir.sidecar.member;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.weir.sidecar.member.system.Posix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The network in which the mesh's bridge is: from there a connection to a member is one from
 * outside, and one to the control plane passes no sidecar. A thread of its own is in it, as a
 * network namespace is a thread's; a socket stays where it was made. Any thread.
 */
final class HolderNetwork {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int MOST_WAITING = 256;

  private static final MethodHandle SETNS = Posix.function("setns", JAVA_INT, JAVA_INT, JAVA_INT);

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>(MOST_WAITING);

  private HolderNetwork() {}

  /** Its thread is there when this returns. */
  static HolderNetwork enter(Holder holder) throws IOException, InterruptedException {
    HolderNetwork network = new HolderNetwork();
    CountDownLatch tried = new CountDownLatch(1);
    FutureTask<Boolean> entering = new FutureTask<>(() -> enterIt(holder));
    Thread.ofPlatform()
        .daemon()
        .name("holder network")
        .start(() -> {
          entering.run();
          tried.countDown();
          network.work();
        });
    tried.await();
    if (!result(entering)) {
      throw new IOException("the network of the mesh cannot be entered");
    }
    return network;
  }

  private static boolean enterIt(Holder holder) {
    try (Arena arena = Arena.ofConfined()) {
      int namespace =
          Posix.open(arena.allocateFrom("/proc/" + holder.pid() + "/ns/net"), Posix.O_CLOEXEC);
      boolean entered = Posix.call(() -> (int) SETNS.invokeExact(namespace, CLONE_NEWNET)) == 0;
      Posix.close(namespace);
      return entered;
    }
  }

  private void work() {
    try {
      while (true) {
        tasks.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for what the task, whose sockets are made there, comes to. */
  <T> T call(Callable<T> task) throws IOException, InterruptedException {
    FutureTask<T> future = new FutureTask<>(task);
    if (!tasks.offer(future)) {
      throw new IOException("too many wait for a connection");
    }
    return result(future);
  }

  private static <T> T result(FutureTask<T> future) throws IOException, InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw new IOException(cause.getMessage(), cause);
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** A connection from there: the socket is made on the thread, and nobody waits there for it. */
  SocketChannel connect(SocketAddress address) throws IOException {
    try {
      SocketChannel channel = call(SocketChannel::open);
      try {
        channel.connect(address);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
      return channel;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
