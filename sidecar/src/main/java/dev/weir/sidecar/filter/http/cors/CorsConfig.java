package dev.weir.sidecar.filter.http.cors;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.StringMatch;
import java.util.List;
import java.util.Optional;

/**
 * {@code extensions.filters.http.cors.v3.Cors}, which says nothing, or a route's {@code
 * CorsPolicy}.
 *
 * @param policy of a route alone
 */
public record CorsConfig(Optional<Policy> policy) implements FilterConfig {
  /**
   * @param allowMethods as the header says it; empty for none, {@code *} for what is asked for
   * @param allowHeaders likewise
   * @param enabledPerMillion of a million requests, so many are judged
   * @param shadowPerMillion of those that are not, so many are counted
   * @param forwardOthers preflights of other origins go to the app
   */
  public record Policy(
      List<StringMatch> allowOrigins,
      String allowMethods,
      String allowHeaders,
      String exposeHeaders,
      String maxAge,
      boolean allowCredentials,
      int enabledPerMillion,
      int shadowPerMillion,
      boolean allowPrivateNetwork,
      boolean forwardOthers) {
    public Policy {
      allowOrigins = List.copyOf(allowOrigins);
    }
  }
}
