package dev.weir.control.ui;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the page: browsers are told what it may do, nothing but reading is let
 * through, and nobody who calls this place by another's name. A site whose name leads here all of a
 * sudden has that name in its requests; an address, or localhost, is no site's.
 */
record Guard(HttpHandler behind) implements HttpHandler {
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Security-Policy", POLICY);
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set("X-Content-Type-Options", "nosniff");
      String method = exchange.getRequestMethod();
      if (!isOurs(exchange.getRequestHeaders().getFirst("Host"))) {
        Answer.failure(exchange, 421, "ask for this page by an address, or as localhost");
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        headers.set("Allow", "GET, HEAD");
        Answer.failure(exchange, 405, "only GET and HEAD");
      } else {
        behind.handle(exchange);
      }
    }
  }

  /** {@code localhost:15014}, {@code 127.0.0.1}, {@code [::1]:80}. */
  static boolean isOurs(@Nullable String host) {
    if (host == null) {
      return false;
    }
    String name = host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]{1,5}$", "");
    return name.equals("localhost")
        || name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")
        || name.matches("\\[[0-9a-f:.]+\\]");
  }
}
