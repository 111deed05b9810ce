package dev.weir.control.compile.xds;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.RouteFilters;
import dev.weir.control.model.RouteFilters.PathChange;
import dev.weir.control.model.ServicePort;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction.RedirectResponseCode;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;

/** Gateway API's RequestRedirect and URLRewrite in Envoy's words. */
final class PathCompiler {
  private static final String HTTP = "http";
  private static final String HTTPS = "https";
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private PathCompiler() {}

  static void rewrite(RouteFilters.Rewrite rewrite, HttpMatch match, RouteAction.Builder action) {
    rewrite.hostname().ifPresent(action::setHostRewriteLiteral);
    rewrite
        .path()
        .ifPresent(path -> {
          switch (path) {
            case PathChange.FullPath(String value) ->
                action.setRegexRewrite(substitute("^/.*$", value));
            case PathChange.PrefixMatch(String value) -> {
              String prefix = prefix(match);
              String replacement = replacement(prefix, value);
              if (replacement.isEmpty()) {
                action.setRegexRewrite(cut(prefix));
              } else {
                action.setPrefixRewrite(replacement);
              }
            }
          }
        });
  }

  /**
   * @param called the port of the service that the request came for
   */
  static RedirectAction redirect(
      RouteFilters.Redirect redirect, HttpMatch match, ServicePort called) {
    RedirectAction.Builder action =
        RedirectAction.newBuilder()
            .setResponseCode(
                switch (redirect.status()) {
                  case 301 -> RedirectResponseCode.MOVED_PERMANENTLY;
                  case 303 -> RedirectResponseCode.SEE_OTHER;
                  case 307 -> RedirectResponseCode.TEMPORARY_REDIRECT;
                  case 308 -> RedirectResponseCode.PERMANENT_REDIRECT;
                  default -> RedirectResponseCode.FOUND;
                });
    redirect.scheme().ifPresent(action::setSchemeRedirect);
    redirect.hostname().ifPresent(action::setHostRedirect);
    port(redirect, called.port(), action);
    redirect
        .path()
        .ifPresent(path -> {
          switch (path) {
            case PathChange.FullPath(String value) -> action.setPathRedirect(value);
            case PathChange.PrefixMatch(String value) -> {
              String prefix = prefix(match);
              String replacement = replacement(prefix, value);
              if (replacement.isEmpty()) {
                action.setRegexRewrite(cut(prefix));
              } else {
                action.setPrefixRewrite(replacement);
              }
            }
          }
        });
    return action.build();
  }

  /**
   * The port that Gateway API derives, and none where it is the scheme's usual one. But the host of
   * a request has the port that was called, which Envoy takes off only if it was the usual one of
   * the scheme that is left: else the new one has to be said, usual or not.
   */
  private static void port(
      RouteFilters.Redirect redirect, int called, RedirectAction.Builder action) {
    String scheme = redirect.scheme().orElse(HTTP);
    int usual = scheme.equals(HTTPS) ? HTTPS_PORT : HTTP_PORT;
    int port = redirect.port().orElse(redirect.scheme().isPresent() ? usual : called);
    boolean hostKeepsIts = redirect.hostname().isEmpty() && called != HTTP_PORT;
    if (port != usual || hostKeepsIts) {
      action.setPortRedirect(port);
    }
  }

  /** Without a slash at its end, as {@link MatchCompiler} compares it; empty for all paths. */
  private static String prefix(HttpMatch match) {
    PathMatch path = match.path();
    return path == null ? "" : withoutSlash(path.value());
  }

  /** Envoy puts it before what follows the prefix; empty if that has to be {@link #cut}. */
  private static String replacement(String prefix, String value) {
    String replacement = withoutSlash(value);
    // All paths match by the slash that they begin with, and it is what is replaced.
    return prefix.isEmpty() ? replacement + "/" : replacement;
  }

  /** Leaves a slash alone, where nothing else is left. */
  private static RegexMatchAndSubstitute cut(String prefix) {
    return substitute("^" + quoted(prefix) + "/*", "/");
  }

  private static RegexMatchAndSubstitute substitute(String expression, String value) {
    return RegexMatchAndSubstitute.newBuilder()
        .setPattern(Protos.regex(expression))
        .setSubstitution(value.replace("\\", "\\\\"))
        .build();
  }

  private static String withoutSlash(String path) {
    return path.replaceFirst("/+$", "");
  }

  /** As RE2 takes it for itself; {@code \Q} is not in all of its dialects. */
  static String quoted(String literal) {
    StringBuilder quoted = new StringBuilder(literal.length() + 8);
    for (int i = 0; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if ("\\.+*?()|[]{}^$".indexOf(c) >= 0) {
        quoted.append('\\');
      }
      quoted.append(c);
    }
    return quoted.toString();
  }
}
