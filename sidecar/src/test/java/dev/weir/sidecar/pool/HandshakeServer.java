package dev.weir.sidecar.pool;

import dev.weir.testkit.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A server whose connections are made, or fail, when the test says: it does their handshakes. */
final class HandshakeServer implements AutoCloseable {
  private final ServerSocket socket;
  private final SSLContext context;
  private final List<Attempt> attempts = new ArrayList<>();

  /**
   * @param folder for its certificate
   */
  HandshakeServer(Path folder) throws IOException {
    TestCa ca = TestCa.create(folder, "ca");
    context = ca.context(ca.issue("app"));
    socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    socket.setSoTimeout(5000);
  }

  int port() {
    return socket.getLocalPort();
  }

  /** The next connection, before its handshake. */
  Attempt accept() throws IOException {
    Attempt attempt = new Attempt(socket.accept());
    attempts.add(attempt);
    return attempt;
  }

  /** A connection that its client is still making. */
  final class Attempt implements AutoCloseable {
    private final Socket plain;
    private List<String> offered = List.of();

    private Attempt(Socket plain) throws IOException {
      this.plain = plain;
      plain.setSoTimeout(5000);
    }

    /** Lets it succeed; {@code protocol} is what ALPN agrees on, empty for nothing. */
    SSLSocket agree(String protocol) throws IOException {
      SSLSocket tls =
          (SSLSocket) context.getSocketFactory().createSocket(plain, "client", 1, false);
      tls.setUseClientMode(false);
      tls.setHandshakeApplicationProtocolSelector((handshaking, theirs) -> {
        offered = List.copyOf(theirs);
        return protocol;
      });
      tls.startHandshake();
      return tls;
    }

    /** What the client had to offer by ALPN. */
    List<String> offered() {
      return offered;
    }

    /** Lets it fail, or ends it. */
    @Override
    public void close() throws IOException {
      plain.close();
    }
  }

  @Override
  public void close() throws IOException {
    for (Attempt attempt : attempts) {
      attempt.close();
    }
    socket.close();
  }
}
