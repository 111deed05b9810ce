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
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final Map<String, Callable<?>> pages;

  /** {@code pages} by path; a page is a value for {@link Json}. */
  public AdminServer(InetSocketAddress address, Map<String, Callable<?>> pages) throws IOException {
    this.pages = new TreeMap<>(pages);
    this.server = HttpServer.create(address, 64);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
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
        respond(exchange, 200, page.call());
      }
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      respond(exchange, 503, Map.of("error", String.valueOf(e.getMessage())));
    }
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
