package dev.weir.sidecar.filter.http.statefulsession;

import dev.weir.sidecar.config.FilterConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code extensions.filters.http.stateful_session.v3.StatefulSession}, or a route's {@code
 * StatefulSessionPerRoute}.
 *
 * @param session empty: requests have none
 */
public record StatefulSessionConfig(Optional<Session> session) implements FilterConfig {
  /**
   * @param strict a request whose host cannot be called is answered with 503
   */
  public record Session(State state, boolean strict) {}

  /** Where a client keeps the address of its host. */
  public sealed interface State {}

  /**
   * {@code CookieBasedSessionState}.
   *
   * @param ttl how long it holds; 0: as long as the client likes
   * @param path of requests that have it, and of the cookie; empty for all, and none
   */
  public record InCookie(String name, Duration ttl, String path) implements State {}

  /** {@code HeaderBasedSessionState}. */
  public record InHeader(String name) implements State {}
}
