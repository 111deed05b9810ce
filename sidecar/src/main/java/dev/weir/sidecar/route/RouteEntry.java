package dev.weir.sidecar.route;

import dev.weir.sidecar.config.route.HedgePolicy;
import dev.weir.sidecar.config.route.Route;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.route.RouteFilterConfig;
import dev.weir.sidecar.config.route.RoutePolicies;
import dev.weir.sidecar.config.route.VirtualHost;
import dev.weir.sidecar.format.HeaderMutator;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One compiled route with what it inherits from its virtual host and route table. */
public final class RouteEntry {
  /**
   * What one request makes of a route: one of the clusters that it splits over, with what that
   * alone says. A route that does not forward has one without a cluster.
   */
  public static final class Choice {
    private final String cluster;
    private final int weight;
    private final Optional<String> host;
    private final List<HeaderMutator> request;
    private final List<HeaderMutator> response;
    private final FilterConfigs filters;
    private volatile @Nullable Upstream upstream;

    /** What is said for the filters of a cluster. */
    private record Upstream(UpstreamChain chain, FilterConfigs configs) {}

    private Choice(RouteAction.WeightedCluster config, FilterConfigs filters) {
      this.cluster = config.cluster();
      this.weight = config.weight();
      this.host = config.host();
      this.request = List.copyOf(HeaderMutator.compile(List.of(config.requestHeaders()), true));
      this.response = List.copyOf(HeaderMutator.compile(List.of(config.responseHeaders()), true));
      this.filters = filters;
    }

    private Choice(FilterConfigs filters) {
      this.cluster = "";
      this.weight = 1;
      this.host = Optional.empty();
      this.request = List.of();
      this.response = List.of();
      this.filters = filters;
    }

    public String cluster() {
      return cluster;
    }

    /** Changes the head of a request before the route does. */
    public void mutateRequest(Headers headers, StreamInfo info) {
      for (int i = 0; i < request.size(); i++) {
        request.get(i).apply(headers, info);
      }
      host.ifPresent(headers::authority);
    }

    public List<HeaderMutator> response() {
      return response;
    }

    /** What is said for filter {@code index} of the downstream chain; null for nothing. */
    public @Nullable Object filterConfig(int index) {
      return filters.config(index);
    }

    public boolean filterDisabled(int index) {
      return filters.disabled(index);
    }

    /** What is said for filter {@code index} of {@code chain}; null for nothing. */
    public @Nullable Object upstreamConfig(UpstreamChain chain, int index) {
      return upstream(chain).config(index);
    }

    public boolean upstreamDisabled(UpstreamChain chain, int index) {
      return upstream(chain).disabled(index);
    }

    private FilterConfigs upstream(UpstreamChain chain) {
      Upstream known = upstream;
      if (known == null || known.chain() != chain) {
        known = new Upstream(chain, filters.forChain(chain.filterNames(), chain::compileRoute));
        upstream = known;
      }
      return known.configs();
    }
  }

  private final Route route;
  private final String fullName;
  private final VirtualHost virtualHost;
  private final RouteMatcher matcher;
  private final List<HeaderMutator> requestMutators;
  private final List<HeaderMutator> responseMutators;
  private final Optional<CompiledRetry> retry;
  private final boolean hedgeOnPerTryTimeout;
  private final List<Choice> choices;
  private final int totalWeight;
  private final @Nullable PathSubstitution substitution;

  RouteEntry(
      Route route,
      VirtualHost virtualHost,
      RouteMatcher matcher,
      List<HeaderMutator> requestMutators,
      List<HeaderMutator> responseMutators,
      Function<Map<String, RouteFilterConfig>, FilterConfigs> filters) {
    this.route = route;
    this.fullName = virtualHost.name() + "/" + route.name();
    this.virtualHost = virtualHost;
    this.matcher = matcher;
    this.requestMutators = List.copyOf(requestMutators);
    this.responseMutators = List.copyOf(responseMutators);
    this.substitution = substitution(route.action());
    if (route.action() instanceof RouteAction.Forward forward) {
      this.retry = forward.retryPolicy().or(virtualHost::retryPolicy).map(CompiledRetry::new);
      this.hedgeOnPerTryTimeout =
          forward
              .hedgePolicy()
              .or(virtualHost::hedgePolicy)
              .map(HedgePolicy::onPerTryTimeout)
              .orElse(false);
      this.choices =
          forward.weighted().stream()
              .map(each -> new Choice(each, filters.apply(each.filterConfigs())))
              .toList();
      this.totalWeight = choices.stream().mapToInt(choice -> choice.weight).sum();
    } else {
      this.retry = Optional.empty();
      this.hedgeOnPerTryTimeout = false;
      this.choices = List.of(new Choice(filters.apply(Map.of())));
      this.totalWeight = 0;
    }
  }

  private static @Nullable PathSubstitution substitution(RouteAction action) {
    return switch (action) {
      case RouteAction.Forward forward ->
          forward.rewrite().regex().map(PathSubstitution::new).orElse(null);
      case RouteAction.Redirect redirect ->
          redirect.regexRewrite().map(PathSubstitution::new).orElse(null);
      case RouteAction.DirectResponse direct -> null;
    };
  }

  boolean matches(Headers headers) {
    return matcher.matches(headers);
  }

  /** Why it does not match, in words. */
  String mismatch(Headers headers) {
    return matcher.mismatch(headers);
  }

  public String name() {
    return route.name();
  }

  /** Virtual host and route. */
  public String fullName() {
    return fullName;
  }

  public String virtualHostName() {
    return virtualHost.name();
  }

  public RouteAction action() {
    return route.action();
  }

  /** Where its timeouts and retries come from. */
  public RoutePolicies policies() {
    return route.policies();
  }

  public Optional<CompiledRetry> retry() {
    return retry;
  }

  /** {@code hedge_policy.hedge_on_per_try_timeout}, of the route or else of its virtual host. */
  public boolean hedgeOnPerTryTimeout() {
    return hedgeOnPerTryTimeout;
  }

  public boolean includeAttemptCount() {
    return virtualHost.includeAttemptCount();
  }

  /** Chooses one of the clusters by weight. */
  public Choice choose(SplittableRandom random) {
    if (choices.size() == 1 || totalWeight == 0) {
      return choices.getFirst();
    }
    int pick = random.nextInt(totalWeight);
    for (Choice choice : choices) {
      pick -= choice.weight;
      if (pick < 0) {
        return choice;
      }
    }
    return choices.getLast();
  }

  /**
   * Applies {@code request_headers_to_add} and {@code _to_remove}, then the path and host rewrite.
   *
   * @return false where the rewrite leaves no path
   */
  public boolean mutateRequest(Headers headers, StreamInfo info) {
    for (int i = 0; i < requestMutators.size(); i++) {
      requestMutators.get(i).apply(headers, info);
    }
    if (route.action() instanceof RouteAction.Forward forward) {
      forward.rewrite().host().ifPresent(headers::authority);
      forward.rewrite().prefix().ifPresent(prefix -> matcher.rewritePrefix(headers, prefix));
      if (substitution != null) {
        return substitution.rewrite(headers);
      }
    }
    return true;
  }

  public void mutateResponse(Headers headers, StreamInfo info) {
    for (int i = 0; i < responseMutators.size(); i++) {
      responseMutators.get(i).apply(headers, info);
    }
  }

  /**
   * Where a redirect of this route leads, for this request; null where its rewrite leaves no path.
   */
  public @Nullable String location(RouteAction.Redirect redirect, Headers headers) {
    return Redirects.location(redirect, matcher, substitution, headers);
  }
}
