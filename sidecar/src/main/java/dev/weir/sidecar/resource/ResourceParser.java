package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.honoured.FieldValidator;
import dev.weir.protos.honoured.HonouredFields;
import dev.weir.protos.honoured.Unhonoured;
import dev.weir.protos.rules.RuleValidator;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.resource.filter.HttpFilterParsers;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.TypedConfigs;
import java.util.List;
import java.util.Optional;

/**
 * Reads resources, whichever way they came: holds each to the rules of its proto, reports or
 * refuses fields that are not honoured, and parses it.
 */
public final class ResourceParser {
  private final FieldPolicy policy;
  private final UnhonouredFields unhonoured;
  private final Optional<FieldValidator> fields;
  private final TypedConfigs typedConfigs = new TypedConfigs(new RuleValidator());
  private final ListenerParser listeners;
  private final RouteParser routes;
  private final ClusterParser clusters;
  private final EndpointParser endpoints = new EndpointParser();

  public ResourceParser(FieldPolicy policy, UnhonouredFields unhonoured) {
    this.policy = policy;
    this.unhonoured = new ReportedOnce(unhonoured);
    this.fields =
        policy == FieldPolicy.IGNORE
            ? Optional.empty()
            : Optional.of(new FieldValidator(HonouredFields.load()));
    HttpFilterParsers filters = new HttpFilterParsers(typedConfigs);
    AccessLogParser accessLogs = new AccessLogParser(typedConfigs);
    this.routes = new RouteParser(filters);
    this.listeners =
        new ListenerParser(
            typedConfigs,
            new FilterChainParser(
                typedConfigs,
                new HttpConnectionManagerParser(typedConfigs, filters, routes, accessLogs),
                new TcpProxyParser(accessLogs)));
    this.clusters = new ClusterParser(typedConfigs, filters);
  }

  public Parsed<Listener> listener(io.envoyproxy.envoy.config.listener.v3.Listener proto) {
    return parse("listener", proto.getName(), proto, listeners::parse);
  }

  public Parsed<RouteConfiguration> routeConfiguration(
      io.envoyproxy.envoy.config.route.v3.RouteConfiguration proto) {
    return parse("route configuration", proto.getName(), proto, routes::parse);
  }

  public Parsed<Cluster> cluster(io.envoyproxy.envoy.config.cluster.v3.Cluster proto) {
    return parse("cluster", proto.getName(), proto, clusters::parse);
  }

  public Parsed<ClusterLoadAssignment> endpoints(
      io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment proto) {
    return parse("endpoints", proto.getClusterName(), proto, endpoints::parse);
  }

  public Parsed<Secret> secret(
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret proto) {
    return parse("secret", proto.getName(), proto, SecretParser::parse);
  }

  private interface Parser<P, T> {
    T parse(P proto, FieldPath path) throws Invalid;
  }

  private <P extends Message, T> Parsed<T> parse(
      String kind, String name, P proto, Parser<P, T> parser) {
    try {
      typedConfigs.check(proto, FieldPath.ROOT);
      T value = parser.parse(proto, FieldPath.ROOT);
      List<Unhonoured> found = fields.map(each -> each.validate(proto)).orElse(List.of());
      if (!found.isEmpty()) {
        if (policy == FieldPolicy.REJECT) {
          return new Parsed.Rejected<>(found.getFirst().path(), found.getFirst().reason());
        }
        unhonoured.report(kind + " \"" + name + "\"", found);
      }
      return new Parsed.Accepted<>(value);
    } catch (Invalid e) {
      return new Parsed.Rejected<>(e.field(), e.reason());
    }
  }
}
