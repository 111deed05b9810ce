package dev.weir.control.compile.xds;

import dev.weir.control.model.RouteFilters;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;

/** Gateway API's CORS in Envoy's words. */
final class CorsCompiler {
  static final String FILTER = "envoy.filters.http.cors";

  private CorsCompiler() {}

  /** It does nothing but where a route has a {@link #policy}. */
  static HttpFilter filter() {
    return HttpFilter.newBuilder()
        .setName(FILTER)
        .setTypedConfig(Protos.any(Cors.getDefaultInstance()))
        .build();
  }

  static CorsPolicy policy(RouteFilters.Cors cors) {
    CorsPolicy.Builder policy = CorsPolicy.newBuilder();
    cors.allowOrigins().forEach(origin -> policy.addAllowOriginStringMatch(origin(origin)));
    policy
        .setAllowMethods(joined(cors.allowMethods()))
        .setAllowHeaders(joined(cors.allowHeaders()))
        .setExposeHeaders(joined(cors.exposeHeaders()))
        .setMaxAge(String.valueOf(cors.maxAge().toSeconds()))
        // A preflight is answered here, whoever asks: the app knows nothing of this policy.
        .setForwardNotMatchingPreflights(Protos.bool(false));
    if (cors.allowCredentials()) {
      policy.setAllowCredentials(Protos.bool(true));
    }
    return policy.build();
  }

  private static String joined(List<String> words) {
    return String.join(", ", words);
  }

  /** {@code *} stands for any labels, and alone for any host. */
  private static StringMatcher origin(String origin) {
    if (origin.equals("*")) {
      return Protos.matching(".*");
    }
    int host = origin.indexOf("://") + 3;
    if (origin.indexOf('*', host) < 0) {
      return Protos.exactly(origin);
    }
    StringBuilder expression = new StringBuilder(PathCompiler.quoted(origin.substring(0, host)));
    for (String part : origin.substring(host).splitWithDelimiters("\\*", 0)) {
      expression.append(part.equals("*") ? "[^/:]*" : PathCompiler.quoted(part));
    }
    return Protos.matching(expression.toString());
  }
}
