package dev.weir.control.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.weir.control.json.JsonServers;
import dev.weir.protos.yaml.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Answers GET requests with what a page says, as JSON. */
public final class AdminServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Callable<?>> pages;

  /** {@code pages} by path; a page is a value for {@link Json}. */
  public AdminServer(InetSocketAddress address, Map<String, Callable<?>> pages) throws IOException {
    this(address, pages, Map.of());
  }

  /** And {@code others}, which answer all below their paths. */
  public AdminServer(
      InetSocketAddress address,
      Map<String, Callable<?>> pages,
      Map<String, ? extends HttpHandler> others)
      throws IOException {
    this.pages = new TreeMap<>(pages);
    JsonServers.bound();
    this.server = HttpServer.create(address, 64);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    others.forEach(server::createContext);
    server.start();
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Callable<?> page = pages.get(exchange.getRequestURI().getPath());
      if (!exchange.getRequestMethod().equals("GET")) {
        JsonServers.respond(exchange, 405, Map.of("error", "only GET"));
      } else if (page == null) {
        JsonServers.respond(
            exchange, 404, Map.of("error", "no such page", "pages", pages.keySet()));
      } else {
        show(exchange, page);
      }
    }
  }

  private static void show(HttpExchange exchange, Callable<?> page) throws IOException {
    Object body;
    try {
      body =
          page instanceof Asked asked
              ? asked.call(query(exchange.getRequestURI().getRawQuery()))
              : page.call();
    } catch (IllegalArgumentException wrong) {
      JsonServers.respond(exchange, 400, Map.of("error", String.valueOf(wrong.getMessage())));
      return;
    } catch (Exception e) {
      JsonServers.respond(exchange, 503, Map.of("error", String.valueOf(e.getMessage())));
      return;
    }
    JsonServers.respond(exchange, 200, body);
  }

  private static Map<String, String> query(@Nullable String text) {
    Map<String, String> query = new TreeMap<>();
    for (String each : text == null ? new String[0] : text.split("&", -1)) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        query.put(
            URLDecoder.decode(each.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(each.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }
}
