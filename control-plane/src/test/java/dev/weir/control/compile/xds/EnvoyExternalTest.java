package dev.weir.control.compile.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.sun.net.httpserver.HttpServer;
import dev.weir.control.Meshes;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.source.file.Folders;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.YamlWriter;
import dev.weir.testkit.EnvoyBinary;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real Envoy asks a server about the requests that an External names, and about no others. */
@Tag("envoy")
class EnvoyExternalTest {
  private static final String SERVER = "outbound|8000|trust/opa";

  @TempDir Path folder;
  @TempDir Path work;

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

  @Test
  void requestThatARuleNamesNeedsAYes() throws Exception {
    HttpServer app = server((path, cookie) -> 200);
    HttpServer authz =
        server((path, cookie) -> {
          asked.add(path + " " + cookie);
          return path.endsWith("/no") ? 403 : 200;
        });
    int port = freePort();
    Process envoy = envoy(bootstrap(port, app.getAddress(), authz.getAddress()));
    try (HttpClient client = HttpClient.newHttpClient()) {
      await(client, port);
      assertEquals(200, status(client, port, "/open/no"));
      assertEquals(0, asked.size());
      assertEquals(200, status(client, port, "/api/yes"));
      assertEquals("/api/yes a=b", asked.poll(5, TimeUnit.SECONDS));
      assertEquals(403, status(client, port, "/api/no"));
      authz.stop(0);
      assertEquals(503, status(client, port, "/api/yes"), "nobody says yes");
      assertEquals(200, status(client, port, "/open"));
    } finally {
      envoy.destroy();
      envoy.waitFor();
      app.stop(0);
    }
  }

  private interface Answer {
    int status(String path, String cookie);
  }

  private static HttpServer server(Answer answer) throws IOException {
    HttpServer server = HttpServer.create(loopback(0), 0);
    server.createContext(
        "/",
        exchange -> {
          int status =
              answer.status(
                  exchange.getRequestURI().getPath(),
                  exchange.getRequestHeaders().getFirst("cookie"));
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  /** What is compiled for it, with app and server where they are; its port is the listener's. */
  private String bootstrap(int port, InetSocketAddress app, InetSocketAddress authz)
      throws IOException {
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: a, namespace: shop}
        spec: {ports: [{name: http, port: 8080, targetPort: %d}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: opa, namespace: trust}
        spec: {ports: [{name: http, port: 8000}]}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: a, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: a}]
          action: External
          external: {backendRef: {name: opa, namespace: trust, port: 8000}, protocol: Http, timeout: 5s}
          rules: [{matches: [{path: {value: /api}}]}]
        """
            .formatted(port));
    XdsResources resources =
        WholeConfiguration.of(
            Meshes.of(Folders.scan(folder).model()), Meshes.envoy(new ObjectName("shop", "a")));
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    bootstrap.getNodeBuilder().setId("envoy").setCluster("shop");
    for (Message each : resources.of(ResourceType.CLUSTER).values()) {
      Cluster cluster = (Cluster) each;
      if (cluster.getName().equals(SERVER)) {
        cluster = at(cluster, authz);
      } else if (cluster.getName().equals("inbound|8080|shop/a")) {
        cluster = at(cluster, app);
      } else {
        continue;
      }
      bootstrap.getStaticResourcesBuilder().addClusters(cluster);
    }
    bootstrap.getStaticResourcesBuilder().addListeners(listener(resources, port));
    return YamlWriter.write(ProtoWriter.write(bootstrap.build()));
  }

  private static Cluster at(Cluster cluster, InetSocketAddress address) {
    return cluster.toBuilder()
        .clearEdsClusterConfig()
        .clearUpstreamBindConfig()
        .setType(DiscoveryType.STATIC)
        .setLoadAssignment(
            EndpointCompiler.assignment(
                cluster.getName(), List.of(new Endpoint("127.0.0.1", address.getPort()))))
        .build();
  }

  /** The chain of HTTP alone, without what tells chains apart. */
  private static Listener listener(XdsResources resources, int port) throws IOException {
    Listener inbound =
        (Listener) Objects.requireNonNull(resources.of(ResourceType.LISTENER).get("inbound"));
    RouteConfiguration routes =
        (RouteConfiguration)
            Objects.requireNonNull(resources.of(ResourceType.ROUTES).get("inbound|8080|shop/a"));
    for (FilterChain chain : inbound.getFilterChainsList()) {
      Any config = chain.getFilters(0).getTypedConfig();
      if (config.is(HttpConnectionManager.class)) {
        HttpConnectionManager manager =
            config.unpack(HttpConnectionManager.class).toBuilder().setRouteConfig(routes).build();
        return Listener.newBuilder()
            .setName("inbound")
            .setAddress(Protos.address("127.0.0.1", port))
            .addFilterChains(
                FilterChain.newBuilder()
                    .addFilters(
                        Filter.newBuilder().setName("http").setTypedConfig(Protos.any(manager))))
            .build();
      }
    }
    throw new AssertionError("no chain of HTTP");
  }

  private Process envoy(String bootstrap) throws IOException {
    Path file = Files.writeString(work.resolve("envoy.yaml"), bootstrap);
    return new ProcessBuilder(
            EnvoyBinary.find().toString(),
            "-c",
            file.toString(),
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--log-level",
            "warning")
        .redirectErrorStream(true)
        .redirectOutput(work.resolve("envoy.log").toFile())
        .start();
  }

  private void await(HttpClient client, int port) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < end) {
      try {
        status(client, port, "/open");
        return;
      } catch (IOException notYet) {
        Thread.onSpinWait();
      }
    }
    throw new AssertionError(
        "Envoy says " + Files.readString(work.resolve("envoy.log"), StandardCharsets.UTF_8));
  }

  private static int status(HttpClient client, int port, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("cookie", "a=b")
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
