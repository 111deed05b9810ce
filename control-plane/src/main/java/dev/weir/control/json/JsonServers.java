package dev.weir.control.json;

import com.sun.net.httpserver.HttpExchange;
import dev.weir.protos.yaml.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What the JDK's HTTP servers of this program have in common. */
public final class JsonServers {
  /** Seconds that a request may take to arrive; it holds a thread until then. */
  private static final String LONGEST_REQUEST = "10";

  private static final String MOST_CONNECTIONS = "256";

  private JsonServers() {}

  /**
   * Bounds them. The JDK looks for these when the first of all is made, and never again: before
   * each. What an operator sets on the JVM holds.
   */
  public static void bound() {
    System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", LONGEST_REQUEST);
    System.getProperties().putIfAbsent("jdk.httpserver.maxConnections", MOST_CONNECTIONS);
  }

  /** Answers with a value for {@link Json}. */
  public static void respond(HttpExchange exchange, int status, Object body) throws IOException {
    byte[] bytes = Json.print(body).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
