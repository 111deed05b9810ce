package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.convert.AnyOpener;
import dev.weir.protos.convert.Opened;
import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.route.RouteFilterConfig;
import dev.weir.sidecar.resource.filter.FilterParser.Place;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.route.v3.FilterConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The HTTP filters that the sidecar has, and the three places where their configurations stand. A
 * filter is known by the type of its configuration, as in Envoy; its name is what routes call it.
 */
public final class HttpFilterParsers {
  private static final String UPSTREAM_CODEC =
      "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec";
  private static final String ROUTE_FILTER_CONFIG = "envoy.config.route.v3.FilterConfig";

  private static final Map<String, FilterParser> BY_TYPE =
      Stream.of(
              new TraceContextParser(),
              new RateLimitParser(),
              new BulkheadParser(),
              new LocalRateLimitParser(),
              new BufferParser(),
              new BufferPerRouteParser(),
              new JwtParser(),
              new JwtPerRouteParser(),
              new RbacParser(),
              new RbacPerRouteParser(),
              new ExtAuthzParser(),
              new ExtAuthzPerRouteParser(),
              new CorsParser(),
              new CorsPolicyParser(),
              new StatefulSessionParser(),
              new StatefulSessionPerRouteParser(),
              new CircuitBreakerParser(),
              new HedgingParser(),
              new RouterParser())
          .collect(Collectors.toUnmodifiableMap(FilterParser::type, parser -> parser));

  private final TypedConfigs typedConfigs;

  public HttpFilterParsers(TypedConfigs typedConfigs) {
    this.typedConfigs = typedConfigs;
  }

  /** Weir's own of those that are here, as {@code node.extensions} names them. */
  public static Stream<String> ownTypeUrls() {
    return BY_TYPE.keySet().stream()
        .filter(type -> type.startsWith("weir."))
        .map(type -> "type.googleapis.com/" + type);
  }

  /** A connection manager's filters: the router is the last, and it alone is. */
  public List<HttpFilter> downstream(
      List<io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter>
          protos,
      FieldPath path)
      throws Invalid {
    return list(protos, Place.DOWNSTREAM, RouterParser.TYPE, path);
  }

  /** A cluster's filters, without the codec that ends them: it is not a filter here. */
  public List<HttpFilter> upstream(
      List<io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter>
          protos,
      FieldPath path)
      throws Invalid {
    return protos.isEmpty() ? List.of() : list(protos, Place.UPSTREAM, UPSTREAM_CODEC, path);
  }

  private List<HttpFilter> list(
      List<io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter>
          protos,
      Place place,
      String terminal,
      FieldPath path)
      throws Invalid {
    List<HttpFilter> filters = new ArrayList<>();
    String last = "";
    for (int i = 0; i < protos.size(); i++) {
      var proto = protos.get(i);
      FieldPath at = path.index(i);
      if (last.equals(terminal)) {
        throw new Invalid(at, "stands after " + terminal + ", which must be the last filter");
      }
      if (!proto.hasTypedConfig()) {
        throw new Invalid(at.field("typed_config"), "must be set");
      }
      if (proto.getIsOptional() && !isKnown(proto.getTypedConfig(), terminal)) {
        continue;
      }
      Message content = typedConfigs.open(proto.getTypedConfig(), at.field("typed_config"));
      last = TypedConfigs.nameOf(content);
      if (!last.equals(UPSTREAM_CODEC) || place != Place.UPSTREAM) {
        filters.add(
            new HttpFilter(
                proto.getName(),
                parser(last, place, at.field("typed_config"))
                    .parse(content, place, at.field("typed_config")),
                proto.getDisabled()));
      }
    }
    if (!last.equals(terminal)) {
      throw new Invalid(path, "must end with " + terminal);
    }
    return filters;
  }

  /** {@code typed_per_filter_config} of a virtual host or route. */
  public Map<String, RouteFilterConfig> routeConfigs(Map<String, Any> protos, FieldPath path)
      throws Invalid {
    Map<String, RouteFilterConfig> configs = new LinkedHashMap<>();
    for (Map.Entry<String, Any> entry : protos.entrySet()) {
      FieldPath at = path.key(entry.getKey());
      routeConfig(entry.getValue(), at).ifPresent(config -> configs.put(entry.getKey(), config));
    }
    return configs;
  }

  /** Empty for an optional one that is unknown. */
  private Optional<RouteFilterConfig> routeConfig(Any any, FieldPath path) throws Invalid {
    if (!TypeRegistry.nameOf(any.getTypeUrl()).equals(ROUTE_FILTER_CONFIG)) {
      return Optional.of(new RouteFilterConfig(Optional.of(routeContent(any, path)), false));
    }
    FilterConfig wrapper = (FilterConfig) typedConfigs.open(any, path);
    if (wrapper.getDisabled()) {
      return Optional.of(new RouteFilterConfig(Optional.empty(), true));
    }
    if (!wrapper.hasConfig()) {
      return Optional.of(new RouteFilterConfig(Optional.empty(), false));
    }
    if (wrapper.getIsOptional() && !isKnown(wrapper.getConfig(), "")) {
      return Optional.empty();
    }
    return Optional.of(
        new RouteFilterConfig(
            Optional.of(routeContent(wrapper.getConfig(), path.field("config"))), false));
  }

  private dev.weir.sidecar.config.FilterConfig routeContent(Any any, FieldPath path)
      throws Invalid {
    Message content = typedConfigs.open(any, path);
    return parser(TypedConfigs.nameOf(content), Place.ROUTE, path)
        .parse(content, Place.ROUTE, path);
  }

  private boolean isKnown(Any any, String terminal) {
    return AnyOpener.open(any) instanceof Opened.Content(Message content)
        && (BY_TYPE.containsKey(TypedConfigs.nameOf(content))
            || TypedConfigs.nameOf(content).equals(terminal));
  }

  private FilterParser parser(String type, Place place, FieldPath path) throws Invalid {
    FilterParser parser = BY_TYPE.get(type);
    if (parser == null) {
      throw new Invalid(
          path,
          "there is no HTTP filter for "
              + type
              + "; here may stand "
              + BY_TYPE.values().stream()
                  .filter(known -> known.places().contains(place))
                  .map(FilterParser::type)
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
    if (!parser.places().contains(place)) {
      throw new Invalid(
          path,
          switch (place) {
            case DOWNSTREAM -> type + " cannot stand in a connection manager's http_filters";
            case UPSTREAM -> type + " cannot stand in a cluster's http_filters";
            case ROUTE -> type + " cannot be configured by route";
          });
    }
    return parser;
  }
}
