package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.weir.control.TestControlPlane;
import dev.weir.testkit.EnvoyBinary;
import dev.weir.testkit.TestCollector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real Envoy under the control plane: it serves by it, and edits reach it. */
@Tag("envoy")
class EnvoyAdsTest {
  /** Changes the cluster. */
  private static final String POLICY =
      """
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: inventory, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: inventory}]
        outlierDetection: {}
      """;

  @TempDir Path folder;
  @TempDir Path work;

  @ParameterizedTest
  @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
  void editReachesEnvoy(String apiType) throws Exception {
    HttpServer upstream = HttpServer.create(loopback(0), 0);
    upstream.createContext(
        "/",
        exchange -> {
          String canary = exchange.getRequestHeaders().getFirst("x-canary");
          exchange.sendResponseHeaders(canary == null ? 200 : 202, -1);
          exchange.close();
        });
    upstream.start();
    int port = freePort();
    Files.writeString(
        folder.resolve("inventory.yaml"), service(port, upstream.getAddress().getPort()));
    try (TestControlPlane controlPlane = new TestControlPlane(folder);
        HttpClient client = HttpClient.newHttpClient()) {
      Process envoy = envoy(apiType, controlPlane.listen(), port);
      try {
        await(client, port, 200);
        controlPlane.awaitPage("/proxies", "\"inSync\": true", true);
        Files.writeString(folder.resolve("route.yaml"), route(port));
        await(client, port, 202);
        Files.writeString(folder.resolve("policy.yaml"), POLICY);
        Files.delete(folder.resolve("route.yaml"));
        await(client, port, 200);
        for (int i = 0; i < 100; i++) {
          assertEquals(200, status(client, port), "after the cluster changed too");
        }
        assertEquals(true, envoy.isAlive());
      } finally {
        envoy.destroy();
        envoy.waitFor();
        upstream.stop(0);
      }
    }
  }

  /** What Envoy makes of an HTTPRoute's filters is what Weir's sidecar does. */
  @Test
  void filtersOfARouteHoldInEnvoyToo() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    HttpServer upstream = HttpServer.create(loopback(0), 0);
    upstream.createContext(
        "/",
        exchange -> {
          seen.add(exchange.getRequestHeaders().getFirst("host") + " " + exchange.getRequestURI());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    upstream.start();
    int port = freePort();
    Files.writeString(
        folder.resolve("inventory.yaml"), service(port, upstream.getAddress().getPort()));
    Files.writeString(folder.resolve("route.yaml"), filters(port));
    try (TestControlPlane controlPlane = new TestControlPlane(folder);
        HttpClient client = HttpClient.newHttpClient()) {
      Process envoy = envoy("DELTA_GRPC", controlPlane.listen(), port);
      try {
        await(client, port, 200);
        URI base = URI.create("http://127.0.0.1:" + port);
        HttpResponse<Void> moved = send(client, HttpRequest.newBuilder(base.resolve("/old/a?b")));
        assertEquals(308, moved.statusCode());
        assertEquals(
            "https://127.0.0.1:443/new/a?b", moved.headers().firstValue("location").orElse(""));
        HttpResponse<Void> none = send(client, HttpRequest.newBuilder(base.resolve("/none")));
        assertEquals(500, none.statusCode());
        assertEquals("no-backend", none.headers().firstValue("x-weir-cause").orElse(""));
        HttpResponse<Void> preflight =
            send(
                client,
                HttpRequest.newBuilder(base.resolve("/cors"))
                    .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                    .header("Origin", "https://a.example.org")
                    .header("Access-Control-Request-Method", "PUT"));
        assertEquals(
            "https://a.example.org",
            preflight.headers().firstValue("access-control-allow-origin").orElse(""));
        seen.clear();
        send(client, HttpRequest.newBuilder(base.resolve("/cut/a?b")));
        send(client, HttpRequest.newBuilder(base.resolve("/cut")));
        send(client, HttpRequest.newBuilder(base.resolve("/full/x?y")));
        assertEquals("example.org /a?b", seen.poll(5, TimeUnit.SECONDS));
        assertEquals("example.org /", seen.poll(5, TimeUnit.SECONDS));
        assertEquals("127.0.0.1:" + port + " /all?y", seen.poll(5, TimeUnit.SECONDS));
        send(client, HttpRequest.newBuilder(base.resolve("/mirror")));
        Set<String> both = new TreeSet<>();
        for (int i = 0; i < 2; i++) {
          both.add(String.valueOf(seen.poll(5, TimeUnit.SECONDS)));
        }
        assertEquals(
            Set.of("127.0.0.1:" + port + " /mirror", "127.0.0.1-shadow:" + port + " /mirror"),
            both);
      } finally {
        envoy.destroy();
        envoy.waitFor();
        upstream.stop(0);
      }
    }
  }

  /** The same policy as for Weir's own sidecar. */
  @Test
  void recordsOfEnvoyReachTheCollector() throws Exception {
    HttpServer upstream = HttpServer.create(loopback(0), 0);
    upstream.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    upstream.start();
    int port = freePort();
    Files.writeString(
        folder.resolve("inventory.yaml"), service(port, upstream.getAddress().getPort()));
    try (TestCollector collector = new TestCollector();
        HttpClient client = HttpClient.newHttpClient()) {
      Files.writeString(folder.resolve("records.yaml"), records(collector.grpcPort()));
      try (TestControlPlane controlPlane = new TestControlPlane(folder)) {
        Process envoy = envoy("DELTA_GRPC", controlPlane.listen(), port);
        try {
          await(client, port, 200);
          TestCollector.ReceivedLog log = collector.awaitLogs(1).getFirst();
          assertEquals("GET / 200", log.log().getBody().getStringValue());
          assertEquals("GET", log.attribute("method"));
          assertEquals("inventory", log.resource().get("service.name"));
          assertEquals("envoy-1", log.resource().get("node_name"));
        } finally {
          envoy.destroy();
          envoy.waitFor();
          upstream.stop(0);
        }
      }
    }
  }

  private static String records(int collector) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: collector, namespace: shop}
    spec: {clusterIP: 127.0.0.3, ports: [{name: otlp, port: 4317, appProtocol: grpc}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: collector, namespace: shop, labels: {kubernetes.io/service-name: collector}}
    addressType: IPv4
    endpoints: [{addresses: [127.0.0.1]}]
    ports: [{name: otlp, port: %d}]
    ---
    apiVersion: weir.dev/v1alpha1
    kind: TelemetryPolicy
    metadata: {name: records, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: inventory}]
      accessLog: {otlp: {backendRef: {name: collector, port: 4317}}}
    """
        .formatted(collector);
  }

  /** Its bootstrap says where. */
  @Test
  void loadThatEnvoyReportsIsShown() throws Exception {
    HttpServer upstream = HttpServer.create(loopback(0), 0);
    upstream.createContext(
        "/",
        exchange -> {
          boolean well = exchange.getRequestURI().getPath().equals("/");
          exchange.sendResponseHeaders(well ? 200 : 500, -1);
          exchange.close();
        });
    upstream.start();
    int port = freePort();
    Files.writeString(
        folder.resolve("inventory.yaml"), service(port, upstream.getAddress().getPort()));
    try (TestControlPlane controlPlane = new TestControlPlane(folder);
        HttpClient client = HttpClient.newHttpClient()) {
      Process envoy = envoy("DELTA_GRPC", controlPlane.listen(), port);
      try {
        await(client, port, 200);
        URI base = URI.create("http://127.0.0.1:" + port);
        // Envoy tells of what comes after it has been asked.
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        String page = "";
        for (int i = 0; !page.contains("inventory:" + port); i++) {
          send(client, HttpRequest.newBuilder(base.resolve(i % 2 == 0 ? "/wrong" : "/")));
          page = controlPlane.page("/traffic");
          assertTrue(System.nanoTime() < end, page);
        }
        assertTrue(page.contains("\"from\": \"shop/inventory\""), page);
        assertTrue(page.contains("\"success\": 0.5") || page.contains("\"success\": 0.4"), page);
        assertEquals("envoy-1", controlPlane.running().speakers().getFirst().id());
      } finally {
        envoy.destroy();
        envoy.waitFor();
        upstream.stop(0);
      }
    }
  }

  private static HttpResponse<Void> send(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.discarding());
  }

  private static String filters(int port) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: inventory, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: inventory}]
      rules:
      - backendRefs: [{name: inventory, port: %1$d}]
      - matches: [{path: {value: /old}}]
        filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 308, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}}]
      - matches: [{path: {value: /none}}]
      - matches: [{path: {value: /cors}}]
        filters: [{type: CORS, cors: {allowOrigins: ["https://*.example.org"], allowMethods: [PUT]}}]
        backendRefs: [{name: inventory, port: %1$d}]
      - matches: [{path: {value: /cut}}]
        filters: [{type: URLRewrite, urlRewrite: {hostname: example.org, path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]
        backendRefs: [{name: inventory, port: %1$d}]
      - matches: [{path: {value: /full}}]
        filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /all}}}]
        backendRefs: [{name: inventory, port: %1$d}]
      - matches: [{path: {value: /mirror}}]
        filters: [{type: RequestMirror, requestMirror: {backendRef: {name: inventory, port: %1$d}}}]
        backendRefs: [{name: inventory, port: %1$d}]
    """
        .formatted(port);
  }

  /** Its virtual address is loopback, so that a call needs no redirection to be for it. */
  private static String service(int port, int upstream) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: inventory, namespace: shop}
    spec: {clusterIP: 127.0.0.1, ports: [{name: http, port: %d}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: inventory, namespace: shop, labels: {kubernetes.io/service-name: inventory}}
    addressType: IPv4
    endpoints: [{addresses: [127.0.0.1]}]
    ports: [{name: http, port: %d}]
    """
        .formatted(port, upstream);
  }

  private static String route(int port) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: inventory, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: inventory}]
      rules:
      - filters:
        - type: RequestHeaderModifier
          requestHeaderModifier: {set: [{name: x-canary, value: all}]}
        backendRefs: [{name: inventory, port: %d}]
    """
        .formatted(port);
  }

  private Process envoy(String apiType, InetSocketAddress ads, int port) throws IOException {
    Path bootstrap =
        Files.writeString(
            work.resolve("envoy.yaml"),
            """
            node:
              id: envoy-1
              cluster: shop
              metadata:
                WEIR_SERVICE: inventory
                WEIR_NAMESPACE: shop
                WEIR_MARK: 0
                WEIR_OUTBOUND_PORT: %d
                WEIR_INBOUND_PORT: 0
            dynamic_resources:
              ads_config:
                api_type: %s
                transport_api_version: V3
                grpc_services: [{envoy_grpc: {cluster_name: ads}}]
              cds_config: {ads: {}, resource_api_version: V3}
              lds_config: {ads: {}, resource_api_version: V3}
            cluster_manager:
              load_stats_config:
                api_type: GRPC
                transport_api_version: V3
                grpc_services: [{envoy_grpc: {cluster_name: ads}}]
            static_resources:
              clusters:
              - name: ads
                connect_timeout: 1s
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: {http2_protocol_options: {}}
                load_assignment:
                  cluster_name: ads
                  endpoints:
                  - lb_endpoints:
                    - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
            """
                .formatted(port, apiType, ads.getPort()));
    return new ProcessBuilder(
            EnvoyBinary.find().toString(),
            "-c",
            bootstrap.toString(),
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--log-level",
            "warning")
        .redirectErrorStream(true)
        .redirectOutput(work.resolve("envoy.log").toFile())
        .start();
  }

  private void await(HttpClient client, int port, int status) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    String last = "";
    while (System.nanoTime() < end) {
      try {
        int answered = status(client, port);
        if (answered == status) {
          return;
        }
        last = "status " + answered;
      } catch (IOException notYet) {
        last = String.valueOf(notYet);
      }
      Thread.onSpinWait();
    }
    throw new AssertionError(last + "; Envoy says " + Files.readString(work.resolve("envoy.log")));
  }

  private static int status(HttpClient client, int port) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build();
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
