package dev.weir.control.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Relays connections until it is told to fall silent: then all bytes are lost, of both sides, and
 * no socket is closed, as when a machine or the way to it is gone.
 */
final class SilentRelay implements AutoCloseable {
  private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final InetSocketAddress to;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile boolean silent;

  SilentRelay(InetSocketAddress to) throws IOException {
    this.to = to;
    Thread.ofVirtual().start(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  void fallSilent() {
    silent = true;
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket near = listening.accept();
        Socket far = new Socket(to.getAddress(), to.getPort());
        sockets.addAll(List.of(near, far));
        Thread.ofVirtual().start(() -> relay(near, far));
        Thread.ofVirtual().start(() -> relay(far, near));
      } catch (IOException e) {
        return; // It is closed.
      }
    }
  }

  /** Once it is silent it reads on, and passes neither bytes nor an end. */
  private void relay(Socket from, Socket into) {
    byte[] bytes = new byte[8192];
    try {
      InputStream in = from.getInputStream();
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        if (!silent) {
          into.getOutputStream().write(bytes, 0, read);
        }
      }
      if (!silent) {
        into.close();
      }
    } catch (IOException e) {
      // One of the sides is gone; the other is closed with the relay.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
