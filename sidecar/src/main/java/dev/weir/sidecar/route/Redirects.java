package dev.weir.sidecar.route;

import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.http.Authority;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import org.jspecify.annotations.Nullable;

/** Where a redirect leads; Envoy's router/config_impl.cc, {@code newUri}. */
final class Redirects {
  private Redirects() {}

  /** Null where the rewrite leaves no path: what followed the host would be another's. */
  static @Nullable String location(
      RouteAction.Redirect redirect,
      RouteMatcher matcher,
      @Nullable PathSubstitution substitution,
      Headers headers) {
    // What the client spoke, which is not what this connection speaks where TLS ended before it.
    String spoken = headers.value(HeaderName.X_FORWARDED_PROTO);
    String said =
        spoken != null && (spoken.equals("https") || spoken.equals("http"))
            ? spoken
            : headers.scheme();
    String scheme = redirect.scheme().orElse(said);
    String port = redirect.port() > 0 ? ":" + redirect.port() : "";
    String host =
        redirect.host().orElseGet(() -> host(headers.authority(), said, scheme, !port.isEmpty()));
    String path = path(redirect, matcher, substitution, headers);
    return path == null ? null : scheme + "://" + host + port + path;
  }

  /** The request's host, without a port that the new scheme or port makes wrong. */
  private static String host(String authority, String said, String scheme, boolean newPort) {
    int colon = Authority.portStart(authority);
    String port = authority.substring(colon);
    boolean usual = port.equals(said.equals("https") ? ":443" : ":80");
    return newPort || usual && !scheme.equals(said) ? authority.substring(0, colon) : authority;
  }

  private static @Nullable String path(
      RouteAction.Redirect redirect,
      RouteMatcher matcher,
      @Nullable PathSubstitution substitution,
      Headers headers) {
    String whole = headers.path();
    int question = whole.indexOf('?');
    String query = question < 0 || redirect.stripQuery() ? "" : whole.substring(question);
    if (redirect.path().isPresent()) {
      // A query of its own wins over the request's, and is not stripped.
      String path = redirect.path().get();
      return path.contains("?") ? path : path + query;
    }
    Headers rewritten = headers.copy();
    redirect.prefixRewrite().ifPresent(prefix -> matcher.rewritePrefix(rewritten, prefix));
    if (substitution != null && !substitution.rewrite(rewritten)) {
      return null;
    }
    String path = rewritten.path();
    int end = path.indexOf('?');
    return end >= 0 && redirect.stripQuery() ? path.substring(0, end) : path;
  }
}
