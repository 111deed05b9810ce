package dev.weir.control.model;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * An {@code HTTPRoute} or {@code GRPCRoute} bound to ports of services.
 *
 * @param created when Kubernetes got it; absent: it comes from a folder, and is the youngest
 * @param parents the ports it is bound to
 */
public record Route(
    Kind kind,
    ObjectName name,
    Optional<Instant> created,
    SortedSet<ServicePort> parents,
    List<Rule> rules) {
  /** Of routes that match alike: the oldest first, then by name, as Gateway API has it. */
  public static final Comparator<Route> ORDER =
      Comparator.comparing(Route::kind)
          .thenComparing(route -> route.created().orElse(Instant.MAX))
          .thenComparing(Route::name);

  public Route {
    rules = List.copyOf(rules);
  }

  /** Whether it is for the calls that its own namespace makes to a port of another. */
  boolean isConsumerOf(ServicePort port) {
    return parents.contains(port) && !port.service().namespace().equals(name.namespace());
  }

  /** The same, bound to {@code ports}. */
  public Route boundTo(SortedSet<ServicePort> ports) {
    return new Route(kind, name, created, ports, rules);
  }

  /** The same with other rules. */
  public Route with(List<Rule> others) {
    return new Route(kind, name, created, parents, others);
  }

  /** Which of Gateway API's two. */
  public enum Kind {
    HTTP("HTTPRoute"),
    GRPC("GRPCRoute");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /**
   * @param name as policies refer to it by {@code sectionName}
   * @param matches any of them; never empty
   * @param backends empty, or all of weight 0: every request that is not redirected is answered
   *     500, as Gateway API has it
   * @param timeouts inline ones beat any policy
   * @param retry an inline one beats any policy
   * @param session absent: each call goes where the load balancer says
   */
  public record Rule(
      Optional<String> name,
      List<HttpMatch> matches,
      RouteFilters filters,
      List<Backend> backends,
      Optional<Timeouts> timeouts,
      Optional<Retry> retry,
      Optional<SessionPersistence> session) {
    public Rule {
      matches = List.copyOf(matches);
      backends = List.copyOf(backends);
    }

    /** The same with other backends and mirrors. */
    public Rule with(List<Backend> others, List<RouteFilters.Mirror> mirrors) {
      return new Rule(name, matches, filters.with(mirrors), others, timeouts, retry, session);
    }
  }

  /**
   * A share {@code weight} of the sum goes to {@code target}; beside others it may be one that does
   * not exist, and is answered 500.
   */
  public record Backend(
      ServicePort target, int weight, HeaderChange requestHeaders, HeaderChange responseHeaders) {
    /** The same share of what does not exist. */
    public Backend nowhere() {
      return new Backend(
          new ServicePort(target.service(), 0), weight, requestHeaders, responseHeaders);
    }
  }

  /** {@code RequestHeaderModifier}, {@code ResponseHeaderModifier}. */
  public record HeaderChange(
      Map<String, String> set, Map<String, String> add, List<String> remove) {
    public static final HeaderChange NONE = new HeaderChange(Map.of(), Map.of(), List.of());

    public HeaderChange {
      remove = List.copyOf(remove);
    }
  }
}
