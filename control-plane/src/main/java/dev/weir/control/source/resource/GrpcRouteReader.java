package dev.weir.control.source.resource;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.HttpMatch.PathType;
import dev.weir.control.model.HttpMatch.ValueType;
import dev.weir.control.model.Route;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.source.reader.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a gateway.networking.k8s.io/v1 {@code GRPCRoute}; a method is a path. */
final class GrpcRouteReader implements BodyReader<GrpcRouteReader.Body> {
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
      @Field(value = "Any of them; empty: all calls.", max = "64") List<Match> matches,
      @Field(value = "What is done on the way.", max = "16") List<GrpcFilters.Filter> filters,
      @Field("Where it goes.") List<RouteParts.BackendRef> backendRefs,
      @Field("Who comes again comes to the same instance.")
          SessionReader.@Nullable Session sessionPersistence) {}

  record Match(
      @Field("Unset: any.") @Nullable MethodMatch method,
      @Field("Each must match.") List<RouteMatch.Header> headers) {
    HttpMatch asPath() {
      return new HttpMatch(
          method == null ? null : method.path(), RouteMatch.models(headers), List.of(), null);
    }
  }

  record MethodMatch(
      @Field(value = "How both are compared.", defaultsTo = "Exact") ValueType type,
      @Field(value = "package.Service.", min = "1", max = "1024") @Nullable String service,
      @Field(value = "The method.", min = "1", max = "1024") @Nullable String method) {
    MethodMatch {
      if (service == null && method == null) {
        throw new IllegalArgumentException("service, method or both are required");
      }
    }

    PathMatch path() {
      if (type == ValueType.REGULAR_EXPRESSION) {
        return expression(
            service == null ? "[^/]+" : "(" + service + ")",
            method == null ? "[^/]+" : "(" + method + ")");
      }
      if (service == null) {
        return new PathMatch(
            PathType.REGULAR_EXPRESSION,
            PathMatch.ANY_SERVICE + Pattern.quote(String.valueOf(method)));
      }
      return method == null
          ? new PathMatch(PathType.PATH_PREFIX, "/" + service)
          : new PathMatch(PathType.EXACT, "/" + service + "/" + method);
    }

    private static PathMatch expression(String service, String method) {
      return new PathMatch(PathType.REGULAR_EXPRESSION, "/" + service + "/" + method);
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
                      manifest, i, rule.matches.stream().map(Match::asPath).toList(), findings),
              GrpcFilters.translate(manifest, i, rule.filters, findings),
              backends,
              Optional.empty(),
              Optional.empty(),
              SessionReader.translate(manifest, i, rule.sessionPersistence, backends, findings));
      new Expressions(manifest, findings)
          .check(translated.matches(), "spec", "rules", i, "matches");
      rules.add(translated);
    }
    return new Resource.OfRoute(
        manifest,
        new Route(Route.Kind.GRPC, manifest.name(), manifest.created(), new TreeSet<>(), rules),
        RouteParts.parents(manifest, body.spec.parentRefs, findings));
  }
}
