package dev.weir.sidecar.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A TLS server that answers its first client and ends the connection by a FIN alone. */
final class TlsCut implements AutoCloseable {
  private final ServerSocket socket;
  private final SSLContext context;
  private final String answer;

  private TlsCut(SSLContext context, String answer) throws IOException {
    this.context = context;
    this.answer = answer;
    this.socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  static TlsCut start(SSLContext context, String answer) throws IOException {
    return new TlsCut(context, answer);
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve() {
    try (Socket plain = socket.accept()) {
      SSLSocket tls =
          (SSLSocket) context.getSocketFactory().createSocket(plain, "client", 1, false);
      tls.setUseClientMode(false);
      byte[] request = new byte[4096];
      int read = tls.getInputStream().read(request);
      if (read < 0) {
        throw new IOException("no request");
      }
      tls.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
      plain.shutdownOutput();
      while (plain.getInputStream().read(request) >= 0) {
        // until the peer has ended it too
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
