package dev.weir.control.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.control.json.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers GET requests with what a page says, as JSON. */
public final class AdminServer implements AutoCloseable {
  /** Seconds that a request may take to arrive; it holds a thread until then. */
  private static final String LONGEST_REQUEST = "10";

  private static final String MOST_CONNECTIONS = "256";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Callable<?>> pages;

  /** {@code pages} by path; a page is a value for {@link Json}. */
  public AdminServer(InetSocketAddress address, Map<String, Callable<?>> pages) throws IOException {
    this.pages = new TreeMap<>(pages);
    bound("sun.net.httpserver.maxReqTime", LONGEST_REQUEST);
    bound("jdk.httpserver.maxConnections", MOST_CONNECTIONS);
    this.server = HttpServer.create(address, 64);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** The JDK's server knows these from here alone; what an operator sets on the JVM holds. */
  private static void bound(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Callable<?> page = pages.get(exchange.getRequestURI().getPath());
      if (!exchange.getRequestMethod().equals("GET")) {
        respond(exchange, 405, Map.of("error", "only GET"));
      } else if (page == null) {
        respond(exchange, 404, Map.of("error", "no such page", "pages", pages.keySet()));
      } else {
        show(exchange, page);
      }
    }
  }

  private static void show(HttpExchange exchange, Callable<?> page) throws IOException {
    Object body;
    try {
      body = page.call();
    } catch (Exception e) {
      respond(exchange, 503, Map.of("error", String.valueOf(e.getMessage())));
      return;
    }
    respond(exchange, 200, body);
  }

  private static void respond(HttpExchange exchange, int status, Object body) throws IOException {
    byte[] bytes = Json.print(body).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }
}
