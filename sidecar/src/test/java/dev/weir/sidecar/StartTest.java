package dev.weir.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start loads, and what it does without: each in a JVM of its own. */
final class StartTest {
  private static final String LISTENER =
      """
      static_resources:
        listeners:
        - name: in
          address: {socket_address: {address: 127.0.0.1, port_value: 0}}
          filter_chains:
          - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                route_config:
                  virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: app}}]}]
                http_filters:
                - name: router
                  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
        clusters:
        - name: app
          %s
          load_assignment:
            cluster_name: app
            endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]
      """;
  private static final String TLS =
      """
      transport_socket: {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext}}
      """
          .strip();

  @TempDir private Path folder;

  @Test
  void withoutTlsLoadsNoCodeOfTls() throws Exception {
    assertEquals(1, start(LISTENER.formatted("connect_timeout: 1s")));
    assertFalse(loaded("io.netty.handler.ssl.OpenSsl"));
    assertFalse(loaded("sun.security.ssl.SSLContextImpl"));
  }

  @Test
  void tlsOfAClusterIsLoaded() throws Exception {
    assertEquals(1, start(LISTENER.formatted(TLS)));
    assertTrue(loaded("io.netty.handler.ssl.OpenSsl"));
  }

  @Test
  void unknownProviderOfTlsIsRefusedBeforeOneIsLoaded() throws Exception {
    assertEquals(
        1, start(LISTENER.formatted("connect_timeout: 1s"), "-Dweir.tls.provider=openssl"));
    assertTrue(said().contains("weir.tls.provider: must be boringssl or jdk, not openssl"), said());
    assertFalse(loaded("io.netty.handler.ssl.OpenSsl"));
  }

  /** The options of a field, which hold its rules, are asked so too; they have no map. */
  @Test
  void accessorsOfTheProtosFieldsAreNotSearchedFor() throws Exception {
    assertEquals(1, start(LISTENER.formatted(TLS)));
    assertTrue(loaded("io.envoyproxy.envoy.config.cluster.v3.Cluster"));
    assertFalse(
        loaded("com.google.protobuf.GeneratedMessageV3$FieldAccessorTable$MapFieldAccessor"));
  }

  /** Starts all of it but the admin, whose port is taken: so it ends by itself. */
  private int start(String resources, String... options) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path bootstrap =
          Files.writeString(
              folder.resolve("bootstrap.yaml"),
              "admin: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}%n%s"
                  .formatted(taken.getLocalPort(), resources));
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "-Xmx128m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "--enable-native-access=ALL-UNNAMED",
              "--sun-misc-unsafe-memory-access=allow",
              "-Xlog:class+load:file=" + folder.resolve("classes")));
      command.addAll(List.of(options));
      command.addAll(
          List.of(
              "-cp",
              System.getProperty("java.class.path"),
              "dev.weir.sidecar.Main",
              "--config=" + bootstrap));
      Process sidecar =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("said").toFile())
              .start();
      try {
        assertTrue(sidecar.waitFor(60, TimeUnit.SECONDS), this::said);
        return sidecar.exitValue();
      } finally {
        sidecar.destroyForcibly();
      }
    }
  }

  private boolean loaded(String type) throws IOException {
    try (var lines = Files.lines(folder.resolve("classes"))) {
      return lines.anyMatch(line -> line.contains(" " + type + " "));
    }
  }

  private String said() {
    try {
      return Files.readString(folder.resolve("said"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
