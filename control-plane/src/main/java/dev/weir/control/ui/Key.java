package dev.weir.control.ui;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What opens a page that not everybody of this machine may see: it comes once in the address, and
 * from then on in a cookie. Any thread.
 */
public final class Key {
  private static final int BYTES = 24;

  private final String cookie;
  private final String value;
  private final AtomicReference<@Nullable String> once = new AtomicReference<>();

  private Key(String cookie, String value) {
    this.cookie = cookie;
    this.value = value;
  }

  /**
   * @param port of the page: cookies are of a host, with all its ports
   */
  public static Key random(int port) {
    return new Key("weir-ui-" + port, text());
  }

  private static String text() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  public String value() {
    return value;
  }

  /** Another one, which opens once; the one before opens no more. */
  public String once() {
    String next = text();
    once.set(next);
    return next;
  }

  /** What lets through who has it. */
  HttpHandler before(HttpHandler behind) {
    return exchange -> handle(exchange, behind);
  }

  private void handle(HttpExchange exchange, HttpHandler behind) throws IOException {
    Optional<String> given;
    try {
      given = Query.of(exchange.getRequestURI().getRawQuery()).text("key");
    } catch (Query.Wrong e) {
      given = Optional.empty();
    }
    if (given.isPresent() && opens(given.get())) {
      exchange
          .getResponseHeaders()
          .set("Set-Cookie", cookie + "=" + value + "; HttpOnly; SameSite=Strict; Path=/");
      Ui.lead(exchange); // to where the address has no key any more
    } else if (isKnown(exchange)) {
      behind.handle(exchange);
    } else {
      Answer.failure(exchange, 403, "open the address that weir ui has printed");
    }
  }

  private boolean opens(String given) {
    String single = once.get();
    return same(given, value)
        || single != null && same(given, single) && once.compareAndSet(single, null);
  }

  private boolean isKnown(HttpExchange exchange) {
    List<String> cookies = exchange.getRequestHeaders().get("Cookie");
    if (cookies == null) {
      return false;
    }
    for (String line : cookies) {
      for (String each : line.split(";")) {
        String[] parts = each.strip().split("=", 2);
        if (parts.length == 2 && parts[0].equals(cookie) && same(parts[1], value)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
