package dev.weir.sidecar.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;

/** A sidecar that relays TCP, and both ends of what it relays, in the test's hands. */
public final class TcpRelay implements AutoCloseable {
  private final ServerSocket listening;
  private final TestSidecar sidecar;

  /**
   * @param proxy fields of the {@code tcp_proxy}, a line each
   * @param otherHosts ports that stand before the server's own in the cluster
   */
  public TcpRelay(String proxy, int... otherHosts) throws IOException {
    listening = new ServerSocket();
    listening.setReceiveBufferSize(64 << 10);
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    listening.setSoTimeout(5000);
    int[] ports = Arrays.copyOf(otherHosts, otherHosts.length + 1);
    ports[otherHosts.length] = listening.getLocalPort();
    String yaml =
        TestSidecar.relayYaml(proxy, ports)
            .replaceAll("(?m)^  - name: .*", "$0\n    per_connection_buffer_limit_bytes: 65536");
    sidecar = TestSidecar.start(yaml, 1);
  }

  /** A new connection to the sidecar; reads wait five seconds at most. */
  public Socket client() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port());
    client.setSoTimeout(5000);
    return client;
  }

  /** The next connection that the sidecar has made. */
  public Socket server() throws IOException {
    Socket server = listening.accept();
    server.setSoTimeout(5000);
    return server;
  }

  /** The server goes away. */
  public void stopListening() throws IOException {
    listening.close();
  }

  public TestSidecar sidecar() {
    return sidecar;
  }

  @Override
  public void close() throws IOException {
    sidecar.close();
    listening.close();
  }
}
