package dev.weir.control.model;

import dev.weir.control.model.Route.HeaderChange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a rule of a route does with a request beside choosing where it goes.
 *
 * @param redirect answered here; there is no rewrite then
 * @param mirrors each gets a copy, and its answer is dropped
 */
public record RouteFilters(
    HeaderChange requestHeaders,
    HeaderChange responseHeaders,
    Optional<Redirect> redirect,
    Optional<Rewrite> rewrite,
    List<Mirror> mirrors,
    Optional<Cors> cors) {
  public RouteFilters {
    mirrors = List.copyOf(mirrors);
  }

  /** The same with other mirrors. */
  public RouteFilters with(List<Mirror> others) {
    return new RouteFilters(requestHeaders, responseHeaders, redirect, rewrite, others, cors);
  }

  /**
   * {@code RequestRedirect}.
   *
   * @param scheme the request's, if absent
   * @param hostname the request's, if absent
   * @param path the request's, if absent
   * @param port if absent, the one that is usual for {@code scheme}, else the service's own
   */
  public record Redirect(
      Optional<String> scheme,
      Optional<String> hostname,
      Optional<PathChange> path,
      OptionalInt port,
      int status) {}

  /** {@code URLRewrite}; what is absent stays. */
  public record Rewrite(Optional<String> hostname, Optional<PathChange> path) {}

  /** What becomes of a path; its query stays. */
  public sealed interface PathChange {
    /** {@code ReplaceFullPath}. */
    record FullPath(String value) implements PathChange {}

    /** {@code ReplacePrefixMatch}: in place of the prefix that matched. */
    record PrefixMatch(String value) implements PathChange {}
  }

  /** {@code RequestMirror} of so many of a million requests. */
  public record Mirror(ServicePort target, int perMillion) {}

  /**
   * {@code CORS}. A list of {@code *} means any.
   *
   * @param allowOrigins {@code scheme://host[:port]} without a port that is usual for the scheme,
   *     {@code *} in the host for any labels; or {@code *} alone
   */
  public record Cors(
      List<String> allowOrigins,
      boolean allowCredentials,
      List<String> allowMethods,
      List<String> allowHeaders,
      List<String> exposeHeaders,
      Duration maxAge) {
    public Cors {
      allowOrigins = List.copyOf(allowOrigins);
      allowMethods = List.copyOf(allowMethods);
      allowHeaders = List.copyOf(allowHeaders);
      exposeHeaders = List.copyOf(exposeHeaders);
    }
  }
}
