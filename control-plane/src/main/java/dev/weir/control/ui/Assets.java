package dev.weir.control.ui;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The page's files, below {@code /ui/}: its own, and those of the libraries it uses. Each is read
 * from the class path when it is first asked for, and kept.
 */
final class Assets implements HttpHandler {
  static final String PLACE = "/ui/";

  private static final String JARS = "/META-INF/resources/webjars/";

  /** Files of libraries by the names that the page has for them. */
  private static final Map<String, String> LIBRARIES =
      Map.of(
          "lib/dagre.js", JARS + "dagre/0.8.4/dist/dagre.min.js",
          "lib/uplot.js", JARS + "uplot/1.6.30/dist/uPlot.iife.min.js",
          "lib/uplot.css", JARS + "uplot/1.6.30/dist/uPlot.min.css");

  private static final Map<String, String> TYPES =
      Map.of(
          "css", "text/css; charset=utf-8",
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private record Asset(String type, String tag, byte[] bytes, byte[] packed) {}

  private final Map<String, Asset> read = new ConcurrentHashMap<>();

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String name = path.substring(PLACE.length());
    Asset asset = asset(name.isEmpty() ? "index.html" : name);
    if (asset == null) {
      Answer.failure(exchange, 404, "no such file");
      return;
    }
    Headers headers = exchange.getResponseHeaders();
    headers.set("Cache-Control", "no-cache"); // asked again, and answered 304 where it is the same
    headers.set("Content-Type", asset.type());
    headers.set("ETag", asset.tag());
    headers.set("Vary", "Accept-Encoding");
    if (asset.tag().equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
      exchange.sendResponseHeaders(304, -1);
    } else if (Answer.takesGzip(exchange)) {
      headers.set("Content-Encoding", "gzip");
      Answer.send(exchange, 200, asset.packed());
    } else {
      Answer.send(exchange, 200, asset.bytes());
    }
  }

  private @Nullable Asset asset(String name) throws IOException {
    Asset known = read.get(name);
    // No way out of the folder: such a name has no dots but the one before its type.
    if (known != null || !name.matches("(lib/)?[a-z-]+\\.[a-z]+")) {
      return known;
    }
    String place = LIBRARIES.getOrDefault(name, "/dev/weir/control/ui/page/" + name);
    try (InputStream in = Assets.class.getResourceAsStream(place)) {
      String type = TYPES.get(name.substring(name.indexOf('.') + 1));
      if (in == null || type == null) {
        return null;
      }
      byte[] bytes = in.readAllBytes();
      Asset asset = new Asset(type, tag(bytes), bytes, Answer.gzip(bytes));
      read.put(name, asset);
      return asset;
    }
  }

  private static String tag(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(hash, 0, 8) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JDK has it
    }
  }
}
