package dev.weir.sidecar.relay;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.concurrent.Semaphore;

/** Accepts connections and joins each to one that it opens. Any thread. */
public final class Relay implements AutoCloseable {
  /** So many at once; others wait to be accepted. */
  private static final int MOST = 1024;

  private static final int CHUNK_BYTES = 16 << 10;

  /** Opens the other side of a connection. */
  public interface Other {
    SocketChannel open() throws IOException;
  }

  private final ServerSocketChannel server;
  private final Other other;
  private final Semaphore free = new Semaphore(MOST);
  private final Thread accepting = Thread.ofVirtual().name("relay").unstarted(this::accept);

  private Relay(ServerSocketChannel server, Other other) {
    this.server = server;
    this.other = other;
  }

  /**
   * Listens until it is closed. A file of a Unix socket that is there already is one that nobody
   * listens at any more.
   */
  public static Relay start(SocketAddress address, Other other) throws IOException {
    ServerSocketChannel server;
    if (address instanceof UnixDomainSocketAddress unix) {
      Files.deleteIfExists(unix.getPath());
      server = ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX);
    } else {
      server = ServerSocketChannel.open();
    }
    try {
      server.bind(address);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    Relay relay = new Relay(server, other);
    relay.accepting.start();
    return relay;
  }

  /** Where it listens. */
  public SocketAddress address() throws IOException {
    return server.getLocalAddress();
  }

  private void accept() {
    try {
      while (server.isOpen()) {
        free.acquire();
        SocketChannel one = server.accept();
        Thread.ofVirtual()
            .name("relay")
            .start(() -> {
              try {
                join(one);
              } finally {
                free.release();
              }
            });
      }
    } catch (ClosedChannelException e) {
      return; // it is closed
    } catch (IOException e) {
      closeServer();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Who cannot be joined is told by the end of its connection. */
  private void join(SocketChannel one) {
    try (one;
        SocketChannel two = other.open()) {
      Thread back = Thread.ofVirtual().name("relay").start(() -> copy(two, one));
      copy(one, two);
      back.join();
    } catch (IOException e) {
      return; // the other side is not there
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until the end of {@code from}, which {@code to} gets too; a broken one breaks both. */
  private static void copy(SocketChannel from, SocketChannel to) {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    try {
      while (from.read(chunk) >= 0) {
        chunk.flip();
        while (chunk.hasRemaining()) {
          to.write(chunk);
        }
        chunk.clear();
      }
      to.shutdownOutput();
    } catch (IOException e) {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      return; // it is as good as closed
    }
  }

  /**
   * Nothing more is accepted, from when this returns; what is joined goes on. The socket is closed
   * by the thread that waits at it, and so that is waited for.
   */
  @Override
  public void close() {
    closeServer();
    if (!Thread.currentThread().equals(accepting)) {
      // No interrupt: the JDK would lose a connection that was just accepted, and not close it.
      free.release();
      try {
        accepting.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void closeServer() {
    try {
      server.close();
    } catch (IOException e) {
      return; // it is as good as closed
    }
  }
}
