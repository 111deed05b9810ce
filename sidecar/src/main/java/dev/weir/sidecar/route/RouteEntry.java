package dev.weir.sidecar.route;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.Route;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.route.RouteFilterConfig;
import dev.weir.sidecar.config.route.VirtualHost;
import dev.weir.sidecar.format.HeaderMutator;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One compiled route with what it inherits from its virtual host and route table. */
public final class RouteEntry {
  /** One of the clusters a route splits over, with what it alone does to the headers. */
  public record Choice(
      String cluster, int weight, List<HeaderMutator> request, List<HeaderMutator> response) {
    public Choice {
      request = List.copyOf(request);
      response = List.copyOf(response);
    }

    static Choice of(RouteAction.WeightedCluster cluster) {
      return new Choice(
          cluster.cluster(),
          cluster.weight(),
          HeaderMutator.compile(List.of(cluster.requestHeaders()), true),
          HeaderMutator.compile(List.of(cluster.responseHeaders()), true));
    }
  }

  /** In place of a filter's configuration: it is off on this route. */
  static final Object DISABLED = new Object();

  private final Route route;
  private final String fullName;
  private final VirtualHost virtualHost;
  private final RouteMatcher matcher;
  private final List<HeaderMutator> requestMutators;
  private final List<HeaderMutator> responseMutators;
  private final @Nullable Object[] filterConfigs;
  private final Optional<CompiledRetry> retry;
  private final List<Choice> choices;
  private final int totalWeight;

  RouteEntry(
      Route route,
      VirtualHost virtualHost,
      RouteMatcher matcher,
      List<HeaderMutator> requestMutators,
      List<HeaderMutator> responseMutators,
      @Nullable Object[] filterConfigs) {
    this.route = route;
    this.fullName = virtualHost.name() + "/" + route.name();
    this.virtualHost = virtualHost;
    this.matcher = matcher;
    this.requestMutators = List.copyOf(requestMutators);
    this.responseMutators = List.copyOf(responseMutators);
    this.filterConfigs = filterConfigs;
    if (route.action() instanceof RouteAction.Forward forward) {
      this.retry = forward.retryPolicy().or(virtualHost::retryPolicy).map(CompiledRetry::new);
      this.choices = forward.weighted().stream().map(Choice::of).toList();
      this.totalWeight = choices.stream().mapToInt(Choice::weight).sum();
    } else {
      this.retry = Optional.empty();
      this.choices = List.of();
      this.totalWeight = 0;
    }
  }

  boolean matches(Headers headers) {
    return matcher.matches(headers);
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

  public Optional<CompiledRetry> retry() {
    return retry;
  }

  public boolean includeAttemptCount() {
    return virtualHost.includeAttemptCount();
  }

  /** What this route says for filter {@code index} of its chain; null for nothing. */
  public @Nullable Object filterConfig(int index) {
    Object config = filterConfigs[index];
    return config == DISABLED ? null : config;
  }

  /** What this route says for an upstream filter, by its name; null for nothing. */
  public @Nullable FilterConfig upstreamConfig(String filter) {
    RouteFilterConfig config = route.filterConfigs().get(filter);
    if (config == null) {
      config = virtualHost.filterConfigs().get(filter);
    }
    return config == null ? null : config.config().orElse(null);
  }

  public boolean filterDisabled(int index) {
    return filterConfigs[index] == DISABLED;
  }

  /** Chooses one of the clusters of a {@link RouteAction.Forward} by weight. */
  public Choice choose(SplittableRandom random) {
    if (choices.size() == 1 || totalWeight == 0) {
      return choices.getFirst();
    }
    int pick = random.nextInt(totalWeight);
    for (Choice choice : choices) {
      pick -= choice.weight();
      if (pick < 0) {
        return choice;
      }
    }
    return choices.getLast();
  }

  /**
   * Applies {@code request_headers_to_add} and {@code _to_remove}, then the path and host rewrite.
   */
  public void mutateRequest(Headers headers, StreamInfo info) {
    for (int i = 0; i < requestMutators.size(); i++) {
      requestMutators.get(i).apply(headers, info);
    }
    if (route.action() instanceof RouteAction.Forward forward) {
      forward.rewrite().host().ifPresent(headers::authority);
      forward.rewrite().prefix().ifPresent(prefix -> matcher.rewritePrefix(headers, prefix));
    }
  }

  public void mutateResponse(Headers headers, StreamInfo info) {
    for (int i = 0; i < responseMutators.size(); i++) {
      responseMutators.get(i).apply(headers, info);
    }
  }

  /** Where a redirect of this route leads, for this request. */
  public String location(RouteAction.Redirect redirect, Headers headers) {
    return Redirects.location(redirect, matcher, headers);
  }
}
