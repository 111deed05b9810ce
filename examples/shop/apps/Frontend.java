import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * The shop's front: what is in stock, and whether payments are taken. It passes on the trace header
 * and knows nothing else of the mesh. Run it with: java Frontend.java
 */
public class Frontend {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  public static void main(String[] arguments) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(8080), 128);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", Frontend::answer);
    server.start();
    System.out.println("frontend: http://localhost:8080/");
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String trace = exchange.getRequestHeaders().getFirst("traceparent");
      String stock = call("http://inventory:8080/stock", trace);
      String payments = call("http://payments:8080/", trace);
      byte[] body =
          "{\"stock\": %s, \"payments\": %s}\n".formatted(stock, payments).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** The answer's JSON, or null: the page is shown without what is not there. */
  private static String call(String uri, String trace) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
    if (trace != null) {
      request.header("traceparent", trace);
    }
    try {
      var response = CLIENT.send(request.build(), BodyHandlers.ofString());
      if (response.statusCode() == 200) {
        return response.body().strip();
      }
      System.out.println("frontend: " + uri + ": status " + response.statusCode());
    } catch (IOException e) {
      System.out.println("frontend: " + uri + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return "null";
  }
}
