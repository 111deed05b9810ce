package dev.weir.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** An HTTP/2 server whose frames the test sends one by one. */
public final class RawHttp2Server implements AutoCloseable {
  private final ServerSocket socket;
  private final int[] settings;

  /**
   * @param settings id and value in turns
   */
  public RawHttp2Server(int... settings) throws IOException {
    this.settings = settings.clone();
    socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    socket.setSoTimeout(5000);
  }

  public int port() {
    return socket.getLocalPort();
  }

  /** The next connection, its preface read and settings sent. */
  public RawHttp2Client accept() throws IOException {
    return RawHttp2Client.serving(socket.accept(), settings);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
