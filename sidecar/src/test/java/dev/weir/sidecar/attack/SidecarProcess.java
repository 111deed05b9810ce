package dev.weir.sidecar.attack;

import dev.weir.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A sidecar in a process of its own, with the memory that it is shipped with. */
final class SidecarProcess implements AutoCloseable {
  private static final Pattern LISTENER = Pattern.compile("listener in: 127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final Process process;
  private final Path output;

  /**
   * @param folder for what it reads and says
   * @param hostile where the app is that all requests go to but those of /well
   * @param good where the app is that is beside it
   */
  SidecarProcess(Path folder, int hostile, int good) throws IOException {
    Path bootstrap = folder.resolve("bootstrap.yaml");
    Files.writeString(bootstrap, bootstrap(hostile, good));
    output = folder.resolve("said");
    process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xms16m",
                    "-Xmx256m",
                    "-XX:NewSize=8m",
                    "-XX:TrimNativeHeapInterval=1000",
                    "-XX:+UseSerialGC",
                    "-XX:+UseCompactObjectHeaders",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.weir.sidecar.Main",
                    "--config=" + bootstrap))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    Await.until(() -> port() > 0, this::said);
  }

  private static String bootstrap(int hostile, int good) {
    return """
    static_resources:
      listeners:
      - name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: envoy.filters.network.http_connection_manager
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: in
              codec_type: AUTO
              route_config:
                virtual_hosts:
                - name: all
                  domains: ["*"]
                  routes:
                  - match: {prefix: "/well"}
                    route: {cluster: good}
                  - match: {prefix: "/"}
                    route: {cluster: hostile}
              http_filters:
              - name: envoy.filters.http.router
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
      clusters:
      - name: hostile
        type: STATIC
        load_assignment:
          cluster_name: hostile
          endpoints:
          - lb_endpoints:
            - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
      - name: good
        type: STATIC
        load_assignment:
          cluster_name: good
          endpoints:
          - lb_endpoints:
            - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
    """
        .formatted(hostile, good);
  }

  /** Where it listens; 0: it does not yet. */
  int port() {
    Matcher matcher = LISTENER.matcher(said());
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String said() {
    return read(output);
  }

  long residentMiB() {
    Matcher matcher = RESIDENT.matcher(read(Path.of("/proc/" + process.pid() + "/status")));
    return matcher.find() ? Long.parseLong(matcher.group(1)) >> 10 : 0;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
