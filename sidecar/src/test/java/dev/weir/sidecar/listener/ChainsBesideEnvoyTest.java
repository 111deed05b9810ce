package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.sidecar.testkit.OwnAddress;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Cases;
import dev.weir.testkit.EnvoyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each file of {@code src/test/resources/filter-chains-beside-envoy} has chains and real
 * connections: real Envoy and the sidecar, by the same bootstrap, relay each by the same chain.
 * Each chain leads to a server that says its name, and nobody takes off TLS.
 */
@Tag("envoy")
class ChainsBesideEnvoyTest {
  private static final Map<String, String> BYTES =
      Map.of(
          "http/1.0", "GET / HTTP/1.0\r\n\r\n",
          "http/1.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
          "h2c", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
          "none of these", "*1\r\n$4\r\nPING\r\n");

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> sidecarAndEnvoyFindTheSameChain() {
    return Cases.of("filter-chains-beside-envoy", this::check);
  }

  private void check(String text, Mapping file) {
    try (Servers servers = new Servers()) {
      String own = OwnAddress.notLoopback().getHostAddress();
      int port = freePort();
      String filled =
          text.replace("$PORT", Integer.toString(port))
              .replace("$OTHER", Integer.toString(freePort()))
              .replace("$OWN", own);
      String bootstrap = bootstrap(filled, port, servers, !text.contains("\ndefault: false\n"));
      List<Connection> connections = new ArrayList<>();
      for (YamlNode each : Cases.items(file, "connections")) {
        connections.add(Connection.of((Mapping) each, own));
      }
      String wanted = found(connections, Connection::chain);
      int source = freePort();
      try (EnvoyProcess envoy =
          EnvoyProcess.start(bootstrap.replace("$SOURCE", Integer.toString(source)), folder)) {
        assertEquals(
            wanted, found(connections, each -> each.reach(port, source)), "Envoy: " + envoy.log());
      }
      int another = freePort(); // the first may wait for its time to end
      try (TestSidecar _ =
          TestSidecar.start(bootstrap.replace("$SOURCE", Integer.toString(another)), 1)) {
        assertEquals(wanted, found(connections, each -> each.reach(port, another)), "the sidecar");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Finding {
    String chain(Connection connection) throws IOException;
  }

  /** A line for each connection, with its chain. */
  private static String found(List<Connection> connections, Finding finding) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Connection each : connections) {
      lines.append(each.words()).append(": ").append(finding.chain(each)).append('\n');
    }
    return lines.toString();
  }

  /** With a cluster for each chain, and the chain {@code default} if there is to be one. */
  private static String bootstrap(String text, int port, Servers servers, boolean otherwise)
      throws IOException {
    StringBuilder chains = new StringBuilder();
    StringBuilder clusters = new StringBuilder();
    List<String> lines =
        new ArrayList<>(
            text.lines()
                .dropWhile(line -> !line.equals("chains:"))
                .skip(1)
                .takeWhile(line -> line.startsWith("- "))
                .toList());
    for (String line : lines) {
      String name = line.substring("- {name: ".length(), line.indexOf(','));
      chains
          .append("    ")
          .append(line, 0, line.lastIndexOf('}'))
          .append(", ")
          .append(relay(name))
          .append("}\n");
      clusters.append(cluster(name, servers.named(name)));
    }
    if (otherwise) {
      chains
          .append("    default_filter_chain: {name: default, ")
          .append(relay("default"))
          .append("}\n");
      clusters.append(cluster("default", servers.named("default")));
    }
    return """
    admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
    static_resources:
      listeners:
      - name: in
        address: {socket_address: {address: 0.0.0.0, port_value: %d}}
        listener_filters:
        - {name: envoy.filters.listener.tls_inspector, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}}
        - {name: envoy.filters.listener.http_inspector, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector}}
        filter_chains:
    %s  clusters:
    %s\
    """
        .formatted(port, chains, clusters);
  }

  private static String relay(String name) {
    return "filters: [{name: tcp, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: %s}}]"
        .formatted(name);
  }

  private static String cluster(String name, int port) {
    return "  - {name: %1$s, connect_timeout: 5s, load_assignment: {cluster_name: %1$s, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %2$d}}}}]}]}}\n"
        .formatted(name, port);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /**
   * A connection that a file has.
   *
   * @param words as it is written
   * @param from the address, and {@code $SOURCE} after a colon for the port that chains may ask for
   * @param first what the client sends
   * @param chain that takes it; empty: none, it is closed
   */
  private record Connection(String words, String to, String from, byte[] first, String chain) {
    static Connection of(Mapping written, String own) throws IOException {
      String name = Cases.text(written, "server_name", "");
      String protocols = Cases.text(written, "protocols", "");
      String bytes = Cases.text(written, "bytes", "none of these");
      String to = Cases.text(written, "to", "127.0.0.1").replace("$OWN", own);
      String from = Cases.text(written, "from", "127.0.0.1").replace("$OWN", own);
      boolean tls = !name.isEmpty() || !protocols.isEmpty();
      return new Connection(
          from + " to " + to + (tls ? ", TLS " + name + " " + protocols : ", " + bytes),
          to,
          from,
          tls
              ? hello(name, protocols)
              : Objects.requireNonNull(BYTES.get(bytes), bytes).getBytes(StandardCharsets.US_ASCII),
          Cases.text(written, "chain", ""));
    }

    private static byte[] hello(String name, String protocols) throws IOException {
      try {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        if (!name.isEmpty()) {
          parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        if (!protocols.isEmpty()) {
          parameters.setApplicationProtocols(protocols.split(","));
        }
        engine.setSSLParameters(parameters);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        hello.flip();
        byte[] bytes = new byte[hello.remaining()];
        hello.get(bytes);
        return bytes;
      } catch (GeneralSecurityException | SSLException e) {
        throw new IOException(e);
      }
    }

    /** The name that is said at the other end. */
    String reach(int port, int source) throws IOException {
      int colon = from.indexOf(':');
      try (Socket socket = new Socket()) {
        socket.setReuseAddress(true);
        socket.bind(
            new InetSocketAddress(
                colon < 0 ? from : from.substring(0, colon), colon < 0 ? 0 : source));
        socket.setSoTimeout(10_000);
        socket.connect(new InetSocketAddress(to, port), 10_000);
        socket.getOutputStream().write(first);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      } catch (SocketException closed) {
        return "";
      }
    }
  }

  /** Servers that say their names. */
  private static final class Servers implements AutoCloseable {
    private final Map<String, ServerSocket> sockets = new TreeMap<>();

    int named(String name) throws IOException {
      ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      sockets.put(name, server);
      Thread.ofVirtual().start(() -> serve(server, name));
      return server.getLocalPort();
    }

    private static void serve(ServerSocket server, String name) {
      try {
        while (true) {
          Socket socket = server.accept();
          Thread.ofVirtual().start(() -> say(socket, name));
        }
      } catch (IOException closed) {
        // the test is over
      }
    }

    private static void say(Socket socket, String name) {
      try (socket) {
        socket.getOutputStream().write(name.getBytes(StandardCharsets.US_ASCII));
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes(); // what is unread would be answered by a reset
      } catch (IOException gone) {
        // the test looks at what its client has read
      }
    }

    @Override
    public void close() throws IOException {
      for (ServerSocket each : sockets.values()) {
        each.close();
      }
    }
  }
}
