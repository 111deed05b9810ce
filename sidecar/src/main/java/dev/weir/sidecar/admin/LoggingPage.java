package dev.weir.sidecar.admin;

import dev.weir.sidecar.admin.Pages.Page;
import dev.weir.sidecar.log.Level;
import dev.weir.sidecar.log.Levels;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Levels of the sidecar's own messages, read and changed as Envoy's; here who only reads may say
 * GET. https://www.envoyproxy.io/docs/envoy/v1.34.0/operations/admin
 */
final class LoggingPage {
  private static final String USAGE =
      """
      usage: /logging?level=<level>           all components
             /logging?<component>=<level>     one of them
             /logging?paths=<component>:<level>,<component>:<level>
      """;

  private LoggingPage() {}

  static Page page(String method, String query, Levels levels) {
    boolean read = method.equals("GET") || method.equals("HEAD");
    if (!read && !method.equals("POST") || read && !query.isEmpty()) {
      return Page.text(405, "/logging changes something; use POST\n");
    }
    try {
      if (!query.isEmpty()) {
        change(query, levels);
      }
    } catch (IllegalArgumentException e) {
      return Page.text(400, "error: " + e.getMessage() + "\n" + USAGE + levels);
    }
    return Page.text(levels.toString());
  }

  private static void change(String query, Levels levels) {
    int equals = query.indexOf('=');
    if (equals < 0 || query.indexOf('&') >= 0) {
      throw new IllegalArgumentException("\"" + query + "\" is no single name=level");
    }
    String name = query.substring(0, equals);
    String value = URLDecoder.decode(query.substring(equals + 1), StandardCharsets.UTF_8);
    switch (name) {
      case "level" -> levels.set(Level.parse(value));
      case "paths" -> levels.set(value);
      default -> levels.set(name + ":" + value);
    }
  }
}
