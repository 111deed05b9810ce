package dev.weir.sidecar.resource;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.route.Route;
import dev.weir.sidecar.config.route.RouteAction.Mirror;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RoutePolicies;
import dev.weir.sidecar.config.route.VirtualHost;
import dev.weir.sidecar.resource.filter.HttpFilterParsers;
import dev.weir.sidecar.resource.value.HeaderMutations;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.RouteMatches;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code config.route.v3.RouteConfiguration}. */
final class RouteParser {
  private final HttpFilterParsers filters;

  RouteParser(HttpFilterParsers filters) {
    this.filters = filters;
  }

  RouteConfiguration parse(
      io.envoyproxy.envoy.config.route.v3.RouteConfiguration proto, FieldPath path) throws Invalid {
    if (proto.hasVhds()) {
      throw new Invalid(path.field("vhds"), "is not supported");
    }
    List<Mirror> mirrors = Mirrors.parse(proto.getRequestMirrorPoliciesList(), path);
    List<VirtualHost> virtualHosts = new ArrayList<>();
    Map<String, String> domains = new HashMap<>();
    for (int i = 0; i < proto.getVirtualHostsCount(); i++) {
      FieldPath at = path.field("virtual_hosts").index(i);
      VirtualHost virtualHost = virtualHost(proto.getVirtualHosts(i), at, mirrors);
      claim(virtualHost, domains, at.field("domains"));
      virtualHosts.add(virtualHost);
    }
    return new RouteConfiguration(
        proto.getName(),
        virtualHosts,
        HeaderMutations.parse(
            proto.getRequestHeadersToAddList(),
            proto.getRequestHeadersToRemoveList(),
            path,
            "request"),
        HeaderMutations.parse(
            proto.getResponseHeadersToAddList(),
            proto.getResponseHeadersToRemoveList(),
            path,
            "response"),
        filters.routeConfigs(
            proto.getTypedPerFilterConfigMap(), path.field("typed_per_filter_config")),
        proto.getMostSpecificHeaderMutationsWins(),
        proto.getIgnorePortInHostMatching());
  }

  /** A domain belongs to one virtual host, without regard to case. */
  private static void claim(VirtualHost virtualHost, Map<String, String> owners, FieldPath path)
      throws Invalid {
    for (int i = 0; i < virtualHost.domains().size(); i++) {
      String domain = virtualHost.domains().get(i);
      String owner = owners.putIfAbsent(domain, virtualHost.name());
      if (owner != null) {
        throw new Invalid(
            path.index(i), "\"" + domain + "\" is already a domain of \"" + owner + "\"");
      }
    }
  }

  private VirtualHost virtualHost(
      io.envoyproxy.envoy.config.route.v3.VirtualHost proto, FieldPath path, List<Mirror> table)
      throws Invalid {
    if (proto.hasMatcher()) {
      throw new Invalid(path.field("matcher"), "is not supported");
    }
    List<Mirror> own = Mirrors.parse(proto.getRequestMirrorPoliciesList(), path);
    List<Mirror> inherited = own.isEmpty() ? table : own;
    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < proto.getRoutesCount(); i++) {
      routes.add(route(proto.getRoutes(i), path.field("routes").index(i), inherited));
    }
    return new VirtualHost(
        proto.getName(),
        proto.getDomainsList().stream().map(domain -> domain.toLowerCase(Locale.ROOT)).toList(),
        routes,
        HeaderMutations.parse(
            proto.getRequestHeadersToAddList(),
            proto.getRequestHeadersToRemoveList(),
            path,
            "request"),
        HeaderMutations.parse(
            proto.getResponseHeadersToAddList(),
            proto.getResponseHeadersToRemoveList(),
            path,
            "response"),
        proto.hasRetryPolicy()
            ? Optional.of(
                RetryPolicyParser.parse(proto.getRetryPolicy(), path.field("retry_policy")))
            : Optional.empty(),
        proto.hasHedgePolicy()
            ? Optional.of(RouteActionParser.hedgePolicy(proto.getHedgePolicy()))
            : Optional.empty(),
        filters.routeConfigs(
            proto.getTypedPerFilterConfigMap(), path.field("typed_per_filter_config")),
        proto.getIncludeRequestAttemptCount());
  }

  private Route route(
      io.envoyproxy.envoy.config.route.v3.Route proto, FieldPath path, List<Mirror> inherited)
      throws Invalid {
    return new Route(
        proto.getName(),
        RouteMatches.parse(proto.getMatch(), path.field("match")),
        RouteActionParser.parse(proto, path, filters, inherited),
        policies(proto.getMetadata()),
        HeaderMutations.parse(
            proto.getRequestHeadersToAddList(),
            proto.getRequestHeadersToRemoveList(),
            path,
            "request"),
        HeaderMutations.parse(
            proto.getResponseHeadersToAddList(),
            proto.getResponseHeadersToRemoveList(),
            path,
            "response"),
        filters.routeConfigs(
            proto.getTypedPerFilterConfigMap(), path.field("typed_per_filter_config")));
  }

  /** What is written there by others is theirs: what does not look like it is none. */
  private static RoutePolicies policies(Metadata metadata) {
    Struct struct = metadata.getFilterMetadataMap().get(RoutePolicies.METADATA);
    if (struct == null) {
      return RoutePolicies.NONE;
    }
    Value none = Value.getDefaultInstance();
    return new RoutePolicies(
        struct.getFieldsOrDefault("timeouts", none).getStringValue(),
        struct.getFieldsOrDefault("retry", none).getStringValue());
  }
}
