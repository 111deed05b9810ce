package dev.weir.control.source.resource;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.Retry;
import dev.weir.control.model.Route;
import dev.weir.control.model.Timeouts;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.source.reader.Findings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a gateway.networking.k8s.io/v1 {@code HTTPRoute} bound to Services. */
final class HttpRouteReader implements BodyReader<HttpRouteReader.Body> {
  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Body(@Field("The route.") Spec spec) {}

  @Planned("useDefaultGateways: name a Service in parentRefs")
  record Spec(
      @Field(value = "What it is bound to.", min = "1", max = "32")
          List<RouteParts.Parent> parentRefs,
      @Field("Of no effect in a mesh.") List<String> hostnames,
      @Field("The rules.") List<Rule> rules) {}

  record Rule(
      @Field(value = "Policies refer to it.", max = "253") @Nullable String name,
      @Field(value = "Any of them; empty: all requests.", max = "64") List<RouteMatch> matches,
      @Field(value = "What is done on the way.", max = "16") List<HttpFilters.Filter> filters,
      @Field("Where it goes.") List<RouteParts.BackendRef> backendRefs,
      @Field("How long it may take.") @Nullable RuleTimeouts timeouts,
      @Field("When it is tried again.") @Nullable RuleRetry retry,
      @Field("Who comes again comes to the same instance.")
          SessionReader.@Nullable Session sessionPersistence) {}

  record RuleTimeouts(
      @Field("All of it.") @Nullable Duration request,
      @Field("One try.") @Nullable Duration backendRequest) {
    RuleTimeouts {
      new Timeouts(request, backendRequest, null);
    }
  }

  /** GEP-1731. */
  record RuleRetry(
      @Field(value = "Statuses that are tried again.", eachMin = "400", eachMax = "599")
          List<Integer> codes,
      @Field(value = "Retries after the first try.", defaultsTo = "2", max = "10") int attempts,
      @Field(value = "The least wait.", min = "1ms") @Nullable Duration backoff) {
    /** What the route does not say is as in a ResiliencePolicy, but for the methods: all. */
    Retry model() {
      Duration base = backoff == null ? Duration.ofMillis(25) : backoff;
      return new Retry(
          attempts,
          codes,
          List.of(
              Retry.Condition.CONNECT_FAILURE,
              Retry.Condition.REFUSED_STREAM,
              Retry.Condition.RESET_BEFORE_REQUEST),
          Retry.Methods.ANY,
          Retry.Budget.DEFAULT,
          new Retry.Backoff(base, base.multipliedBy(10)));
    }
  }

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    List<Route.Rule> rules = new ArrayList<>();
    RouteParts.warnOfHostnames(manifest, body.spec.hostnames, findings);
    for (int i = 0; i < body.spec.rules.size(); i++) {
      Rule rule = body.spec.rules.get(i);
      List<Route.Backend> backends = RouteParts.backends(manifest, i, rule.backendRefs, findings);
      Route.Rule translated =
          new Route.Rule(
              Optional.ofNullable(rule.name),
              rule.matches.isEmpty()
                  ? List.of(HttpMatch.ANY)
                  : RouteParts.firstOfEachName(
                      manifest, i, rule.matches.stream().map(RouteMatch::model).toList(), findings),
              HttpFilters.translate(manifest, i, rule.filters, findings),
              backends,
              Optional.ofNullable(rule.timeouts)
                  .map(timeouts -> new Timeouts(timeouts.request, timeouts.backendRequest, null)),
              Optional.ofNullable(rule.retry).map(RuleRetry::model),
              SessionReader.translate(manifest, i, rule.sessionPersistence, backends, findings));
      HttpFilters.refuseContradictions(manifest, i, translated, rule.backendRefs, findings);
      new Expressions(manifest, findings)
          .check(translated.matches(), "spec", "rules", i, "matches");
      rules.add(translated);
    }
    return new Resource.OfRoute(
        manifest,
        new Route(Route.Kind.HTTP, manifest.name(), manifest.created(), new TreeSet<>(), rules),
        RouteParts.parents(manifest, body.spec.parentRefs, findings));
  }
}
