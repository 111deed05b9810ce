package dev.weir.sidecar.admin;

import dev.weir.sidecar.admin.Pages.Page;
import java.util.Set;

/**
 * What changes something, by POST, in Envoy's words.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/operations/admin
 */
final class AdminCommands {
  static final Set<String> PATHS =
      Set.of(
          "/drain_listeners",
          "/healthcheck/fail",
          "/healthcheck/ok",
          "/quitquitquit",
          "/reopen_logs");

  private final AdminActions actions;

  AdminCommands(AdminActions actions) {
    this.actions = actions;
  }

  /** {@code path} is one of {@link #PATHS}. */
  Page run(String method, String path, String query) {
    if (!method.equals("POST")) {
      return Page.text(405, path + " changes something; use POST\n");
    }
    switch (path) {
      case "/healthcheck/fail" -> actions.failHealth(true);
      case "/healthcheck/ok" -> actions.failHealth(false);
      case "/reopen_logs" -> actions.reopenLogs();
      case "/quitquitquit" -> {
        if (!actions.quit()) {
          return Page.text(503, "it is part of another program, and ends with it\n");
        }
      }
      case "/drain_listeners" -> {
        switch (query) {
          case "" -> actions.drainAll();
          case "inboundonly" -> actions.drainInbound();
          default -> {
            return Page.text(
                400, query + ": /drain_listeners takes inboundonly, and drains gracefully\n");
          }
        }
      }
      default -> throw new IllegalArgumentException(path);
    }
    return Page.text("OK\n");
  }
}
