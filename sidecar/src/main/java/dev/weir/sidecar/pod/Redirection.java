package dev.weir.sidecar.pod;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * Whether the pod's connections are redirected to its sidecar, by a connection of its own: the
 * rules send what the sidecar's user calls on loopback, at the pod's own address, to the inbound
 * port, whatever port was called. They are written all at once, so that one that is there stands
 * for all.
 */
final class Redirection {
  /** Where the rules send what comes in. */
  static final int INBOUND_PORT = 15006;

  /** What is called: the port of TCPMUX, which no app has; if one had, it would get nothing. */
  static final int CALLED_PORT = 1;

  private static final int TIMEOUT_MILLIS = 1000;

  private final InetSocketAddress called;
  private final int inbound;

  /**
   * @param called at the pod's address
   * @param inbound the port where it arrives, if there are rules
   */
  Redirection(InetSocketAddress called, int inbound) {
    this.called = called;
    this.inbound = inbound;
  }

  /**
   * Looks once, for at most two seconds; the inbound port must be free.
   *
   * @throws IOException it is not
   */
  boolean inForce() throws IOException {
    try (ServerSocket listener = new ServerSocket();
        Socket call = new Socket()) {
      listen(listener);
      call.setSoLinger(true, 0); // nothing of it stays behind
      try {
        call.connect(called, TIMEOUT_MILLIS);
      } catch (ConnectException | SocketTimeoutException e) {
        return false;
      }
      return arrives(call.getLocalPort(), listener);
    }
  }

  private void listen(ServerSocket listener) throws IOException {
    try {
      listener.bind(new InetSocketAddress(inbound));
    } catch (BindException e) {
      throw new IOException(
          "port "
              + inbound
              + " of the pod is the sidecar's, and something else listens there; give it another",
          e);
    }
  }

  /** Others' calls may arrive there too. */
  private static boolean arrives(int caller, ServerSocket listener) throws IOException {
    long end = System.nanoTime() + Duration.ofMillis(TIMEOUT_MILLIS).toNanos();
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      listener.setSoTimeout((int) Math.max(1, Duration.ofNanos(left).toMillis()));
      try (Socket arrived = listener.accept()) {
        if (arrived.getPort() == caller) {
          return true;
        }
      } catch (SocketTimeoutException e) {
        return false;
      }
    }
    return false;
  }
}
