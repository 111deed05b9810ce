package dev.weir.sidecar.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A sidecar that relays TCP, and both ends of what it relays, in the test's hands. */
public final class TcpRelay implements AutoCloseable {
  private final ServerSocket listening;
  private final TestSidecar sidecar;

  /**
   * @param proxy fields of the {@code tcp_proxy}, each behind a comma
   * @param otherHosts ports that stand before the server's own in the cluster
   */
  public TcpRelay(String proxy, int... otherHosts) throws IOException {
    listening = new ServerSocket();
    listening.setReceiveBufferSize(64 << 10);
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    listening.setSoTimeout(5000);
    StringBuilder hosts = new StringBuilder();
    for (int port : otherHosts) {
      hosts.append(host(port));
    }
    hosts.append(host(listening.getLocalPort()));
    sidecar =
        TestSidecar.start(
            """
            static_resources:
              listeners:
              - name: in
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                per_connection_buffer_limit_bytes: 65536
                filter_chains:
                - filters:
                  - name: tcp
                    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: app%s}
              clusters:
              - name: app
                type: STATIC
                connect_timeout: 1s
                per_connection_buffer_limit_bytes: 65536
                load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [%s]}]}
            """
                .formatted(proxy, hosts),
            1);
  }

  private static String host(int port) {
    return "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}},"
        .formatted(port);
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
