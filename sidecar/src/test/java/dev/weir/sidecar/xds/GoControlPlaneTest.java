package dev.weir.sidecar.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The integration test of go-control-plane, a program of its own, with our sidecar for Envoy: it
 * serves snapshots and makes requests through the listeners that they hold. Scoped routes and VHDS
 * are left out.
 */
@Tag("slow")
class GoControlPlaneTest {
  private static final String MESSAGE = "Hi, there!";
  private static final int LISTENERS = 4;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"ads", "xds", "rest", "delta", "delta-ads"})
  @Tag("envoy") // a peer that has to be built
  void eachSnapshotOfItsServerReachesTraffic(String mode) throws Exception {
    String program = System.getenv("WEIR_GO_CONTROL_PLANE");
    assumeTrue(program != null, "no Go here to build go-control-plane's test with");
    int[] ports = freePorts(3);
    int listeners = freeRange();
    Path out = folder.resolve("out");
    try (TestUpstream app = TestUpstream.replying(MESSAGE)) {
      List<String> command =
          List.of(
              program,
              "-xds=" + mode,
              "-port=" + ports[0],
              "-gateway=" + ports[1],
              "-als=" + ports[2],
              "-upstream=" + app.port(),
              "-base=" + listeners,
              "-message=" + MESSAGE,
              "-scopedhttp=0",
              "-vhdshttp=0",
              "-u=3",
              "-r=8",
              "-delay=250ms");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      try (TestSidecar _ = sidecar(mode, ports)) {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> text(out));
        assertEquals(0, process.exitValue(), () -> text(out));
        assertTrue(text(out).contains("Test for " + mode + " passed!"), () -> text(out));
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static TestSidecar sidecar(String mode, int[] ports) {
    boolean rest = mode.equals("rest");
    return TestSidecar.start(
        """
        node: {cluster: test-cluster, id: test-id}
        dynamic_resources: %s
        static_resources:
          clusters:
          - {name: xds_cluster, connect_timeout: 1s, %s load_assignment: %s}
          - {name: als_cluster, connect_timeout: 1s, http2_protocol_options: {}, load_assignment: %s}
        """
            .formatted(
                dynamicResources(mode),
                rest ? "" : "http2_protocol_options: {},",
                loadAssignment("xds_cluster", rest ? ports[1] : ports[0]),
                loadAssignment("als_cluster", ports[2])),
        1,
        Optional.empty(),
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
        FieldPolicy.WARN); // it asks for an access log over gRPC
  }

  private static String dynamicResources(String mode) {
    String stream =
        "{api_type: %s, transport_api_version: V3, set_node_on_first_message_only: true,"
            + " grpc_services: [{envoy_grpc: {cluster_name: xds_cluster}}]}";
    String rest =
        "{api_type: REST, transport_api_version: V3, refresh_delay: {nanos: 500000000},"
            + " cluster_names: [xds_cluster]}";
    return switch (mode) {
      case "ads" -> overAds(stream.formatted("GRPC"));
      case "delta-ads" -> overAds(stream.formatted("DELTA_GRPC"));
      case "xds" -> each(stream.formatted("GRPC"));
      case "delta" -> each(stream.formatted("DELTA_GRPC"));
      case "rest" -> each(rest);
      default -> throw new IllegalArgumentException(mode);
    };
  }

  private static String overAds(String source) {
    return "{ads_config: %s, cds_config: {ads: {}}, lds_config: {ads: {}}}".formatted(source);
  }

  private static String each(String source) {
    return "{cds_config: {resource_api_version: V3, api_config_source: %s}, lds_config: {resource_api_version: V3, api_config_source: %s}}"
        .formatted(source, source);
  }

  private static String loadAssignment(String cluster, int port) {
    return "{cluster_name: %s, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}"
        .formatted(cluster, port);
  }

  private static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      int[] ports = new int[count];
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        ports[i] = sockets.get(i).getLocalPort();
      }
      return ports;
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  /** The first of so many ports in a row as there are listeners. */
  private static int freeRange() throws IOException {
    while (true) {
      int first = freePorts(1)[0];
      int free = 0;
      while (free < LISTENERS && first + free < 65_536 && isFree(first + free)) {
        free++;
      }
      if (free == LISTENERS) {
        return first;
      }
    }
  }

  private static boolean isFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (java.net.BindException e) {
      return false;
    }
  }
}
