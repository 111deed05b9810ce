package dev.weir.sidecar.bootstrap;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.config.bootstrap.MetricsSink;
import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteSource;
import dev.weir.sidecar.config.tls.AwaitedSecret;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.config.tls.SecretRef;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.resource.value.Addresses;
import dev.weir.sidecar.resource.value.Invalid;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The bootstrap's message to its record. It goes on after what it has to refuse, so that one run
 * shows all of it; the record counts only if {@link #rejected} is empty.
 */
final class BootstrapParser {
  private final ResourceParser resources =
      new ResourceParser(FieldPolicy.IGNORE, (resource, fields) -> {});
  private final List<Parsed.Rejected<?>> rejected = new ArrayList<>();

  List<Parsed.Rejected<?>> rejected() {
    return rejected;
  }

  Bootstrap parse(io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap proto, FieldPath path) {
    FieldPath statics = path.field("static_resources");
    List<Listener> listeners =
        each(
            proto.getStaticResources().getListenersList(),
            statics.field("listeners"),
            resources::listener,
            Listener::name);
    List<Cluster> clusters =
        each(
            proto.getStaticResources().getClustersList(),
            statics.field("clusters"),
            resources::cluster,
            Cluster::name);
    List<Secret> secrets =
        each(
            proto.getStaticResources().getSecretsList(),
            statics.field("secrets"),
            resources::secret,
            Secret::name);
    SourceCheck sources = new SourceCheck(proto, this::reject);
    if (rejected.isEmpty()) {
      new ReferenceCheck(proto, sources, this::reject).check(proto, path);
    }
    Optional<WorkloadIdentity> identity =
        identity(proto, clusters, path.field("bootstrap_extensions"));
    if (identity.isPresent()) {
      own(WorkloadIdentity.CERTIFICATE, secrets, statics.field("secrets"));
      own(WorkloadIdentity.ROOTS, secrets, statics.field("secrets"));
    }
    return new Bootstrap(
        NodeParser.parse(proto.getNode(), identity),
        admin(proto, path.field("admin").field("address")),
        listeners,
        clusters,
        secrets,
        dynamicResources(proto, sources, path.field("dynamic_resources"))
            .filter(dynamic -> !isStatic(dynamic, listeners, clusters)),
        identity,
        metricsSinks(proto, clusters, path));
  }

  private Optional<WorkloadIdentity> identity(
      io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap proto,
      List<Cluster> clusters,
      FieldPath path) {
    try {
      return IdentityParser.parse(
          proto.getBootstrapExtensionsList(), clusters.stream().map(Cluster::name).toList(), path);
    } catch (Invalid e) {
      rejected.add(new Parsed.Rejected<>(e.field(), e.reason()));
      return Optional.empty();
    }
  }

  private List<MetricsSink> metricsSinks(
      io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap proto,
      List<Cluster> clusters,
      FieldPath path) {
    if (proto.getStatsSinksCount() == 0) {
      return List.of();
    }
    try {
      return StatsSinkParser.parse(proto, clusters.stream().map(Cluster::name).toList(), path);
    } catch (Invalid e) {
      rejected.add(new Parsed.Rejected<>(e.field(), e.reason()));
      return List.of();
    }
  }

  /** A secret that the workload's identity gives. */
  private void own(String name, List<Secret> secrets, FieldPath path) {
    if (secrets.stream().anyMatch(secret -> secret.name().equals(name))) {
      reject(path, "\"" + name + "\" is what the workload's identity gives");
    }
    secrets.add(new Secret(name, new AwaitedSecret()));
  }

  private <P extends Message, T> List<T> each(
      List<P> protos, FieldPath path, Function<P, Parsed<T>> parser, Function<T, String> nameOf) {
    List<T> values = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < protos.size(); i++) {
      FieldPath at = path.index(i);
      switch (parser.apply(protos.get(i))) {
        case Parsed.Rejected<T>(String field, String reason) ->
            reject(field.isEmpty() ? at : at.field(field), reason);
        case Parsed.Accepted<T>(T value) -> {
          if (!names.add(nameOf.apply(value))) {
            reject(at.field("name"), "\"" + nameOf.apply(value) + "\" is there already");
          }
          values.add(value);
        }
      }
    }
    return values;
  }

  private Optional<Bootstrap.Admin> admin(
      io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap proto, FieldPath path) {
    if (!proto.getAdmin().hasAddress()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Bootstrap.Admin(Addresses.literal(proto.getAdmin().getAddress(), path)));
    } catch (Invalid e) {
      rejected.add(new Parsed.Rejected<>(e.field(), e.reason()));
      return Optional.empty();
    }
  }

  private Optional<DynamicResources> dynamicResources(
      io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap proto,
      SourceCheck sources,
      FieldPath path) {
    try {
      return Optional.of(DynamicResourcesParser.parse(proto.getDynamicResources(), sources, path));
    } catch (Invalid e) {
      rejected.add(new Parsed.Rejected<>(e.field(), e.reason()));
      return Optional.empty();
    }
  }

  /** Nothing is fetched: there is no source, and no static resource names one. */
  private static boolean isStatic(
      DynamicResources dynamic, List<Listener> listeners, List<Cluster> clusters) {
    return dynamic.ads().isEmpty()
        && dynamic.listeners().isEmpty()
        && dynamic.clusters().isEmpty()
        && listeners.stream().noneMatch(BootstrapParser::isFetched)
        && clusters.stream()
            .noneMatch(each ->
                each.discovery() instanceof Cluster.Discovery.Eds
                    || each.allTls().stream().anyMatch(tls -> isFetched(tls.secrets())));
  }

  private static boolean isFetched(Listener listener) {
    return Stream.concat(listener.filterChains().stream(), listener.defaultFilterChain().stream())
        .anyMatch(chain ->
            chain.filter() instanceof HttpConnectionManager manager
                    && manager.routes() instanceof RouteSource.Rds
                || chain.tls().filter(tls -> isFetched(tls.secrets())).isPresent());
  }

  private static boolean isFetched(List<SecretRef> secrets) {
    return secrets.stream().anyMatch(secret -> secret.fetch().isPresent());
  }

  private void reject(FieldPath field, String reason) {
    rejected.add(new Parsed.Rejected<>(field.toString(), reason));
  }
}
