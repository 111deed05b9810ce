package dev.weir.control.compile;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.BackendTls;
import dev.weir.control.model.CircuitBreaker;
import dev.weir.control.model.ConfigMapKey;
import dev.weir.control.model.Gateway;
import dev.weir.control.model.Jwt;
import dev.weir.control.model.MeshConfig;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Policy.Target;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Route;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.StreamRoute;
import dev.weir.control.model.TargetRef;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.PolicyIndex.Held;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** Parts a mesh by its services. */
public final class Slices {
  private final Mesh mesh;
  private final Map<ObjectName, List<Route>> routes = new HashMap<>();
  private final Map<ObjectName, List<StreamRoute>> streams = new HashMap<>();
  private final Map<Owner, List<Policy.Attachment<?>>> policies = new HashMap<>();
  private final Map<ObjectName, Map<ServicePort, Held<ResilienceSpec, CircuitBreaker>>> breakers =
      new HashMap<>();

  /** What went wrong with routes that lead to these. */
  private final Map<ObjectName, RuntimeException> mistakes = new HashMap<>();

  private Slices(Mesh mesh) {
    this.mesh = mesh;
    for (Route route : mesh.model().routes()) {
      route.parents().stream()
          .map(ServicePort::service)
          .distinct()
          .forEach(name -> routes.computeIfAbsent(name, key -> new ArrayList<>()).add(route));
    }
    for (StreamRoute route : mesh.model().streams()) {
      route.parents().stream()
          .map(ServicePort::service)
          .distinct()
          .forEach(name -> streams.computeIfAbsent(name, key -> new ArrayList<>()).add(route));
    }
    for (Policy.Attachment<?> policy : mesh.model().policies()) {
      policies.computeIfAbsent(Owner.of(policy.target()), key -> new ArrayList<>()).add(policy);
    }
    routedBreakers();
  }

  /**
   * A slice for each service.
   *
   * @param failed is told of a mistake of the program's own with a service, which is left out
   */
  public static SortedMap<ObjectName, Slice> of(
      Mesh mesh, BiConsumer<ObjectName, RuntimeException> failed) {
    Slices slices = new Slices(mesh);
    SortedMap<ObjectName, Slice> all = new TreeMap<>();
    mesh.model()
        .services()
        .forEach((name, service) -> {
          try {
            all.put(name, slices.slice(service, List.of()));
          } catch (RuntimeException mistake) {
            failed.accept(name, mistake);
          }
        });
    return all;
  }

  /**
   * Of what is no service of the mesh: of several of them together, as {@link ServiceGroup} names
   * them, else what holds for the namespace and the mesh.
   */
  public static Slice without(Mesh mesh, ObjectName name) {
    List<Service> members =
        ServiceGroup.members(name).stream()
            .flatMap(one -> Stream.ofNullable(mesh.model().services().get(one)))
            .toList();
    return members.isEmpty()
        ? new Slices(mesh).slice(new Service(name, Optional.empty(), List.of()), List.of())
        : new Slices(mesh).slice(members.getFirst(), members.subList(1, members.size()));
  }

  /** What a policy is for, with all its sections. */
  private record Owner(TargetRef.Kind kind, ObjectName name) {
    static Owner of(Target target) {
      return new Owner(target.kind(), target.name());
    }
  }

  private void routedBreakers() {
    Policies all = new Policies(mesh.model());
    for (Route route : mesh.model().routes()) {
      for (Route.Rule rule : route.rules()) {
        List<ServicePort> targets = rule.backends().stream().map(Route.Backend::target).toList();
        try {
          all.circuitBreaker(new Policies.RuleOf(route, rule))
              .ifPresent(held ->
                  targets.forEach(target ->
                      breakers
                          .computeIfAbsent(target.service(), key -> new HashMap<>())
                          .putIfAbsent(target, held)));
        } catch (RuntimeException mistake) {
          targets.forEach(target -> mistakes.putIfAbsent(target.service(), mistake));
        }
      }
    }
  }

  private Slice slice(Service service, List<Service> also) {
    ObjectName name = service.name();
    List<ObjectName> all =
        Stream.concat(Stream.of(service), also.stream()).map(Service::name).toList();
    for (ObjectName one : all) {
      if (mistakes.containsKey(one)) {
        throw mistakes.get(one);
      }
    }
    List<Route> own =
        all.stream()
            .flatMap(one -> routes.getOrDefault(one, List.of()).stream())
            .distinct()
            .toList();
    TreeMap<ObjectName, Service> services = new TreeMap<>();
    TreeMap<ObjectName, String> addresses = new TreeMap<>();
    Map<ObjectName, Set<String>> accounts = new HashMap<>();
    TreeSet<ObjectName> names = new TreeSet<>(all);
    for (Route route : own) {
      for (Route.Rule rule : route.rules()) {
        rule.backends().forEach(backend -> names.add(backend.target().service()));
        rule.filters().mirrors().forEach(mirror -> names.add(mirror.target().service()));
      }
    }
    List<StreamRoute> ownStreams =
        all.stream()
            .flatMap(one -> streams.getOrDefault(one, List.of()).stream())
            .distinct()
            .toList();
    for (StreamRoute route : ownStreams) {
      route.backends().forEach(backend -> names.add(backend.target().service()));
    }
    List<Policy.Attachment<?>> held = new ArrayList<>();
    all.forEach(one -> held.addAll(policiesOn(Target.service(one, ""))));
    held.addAll(policiesOn(Target.namespace(name.namespace())));
    held.addAll(policiesOn(Target.MESH));
    own.forEach(route -> held.addAll(policiesOn(Target.route(route.kind(), route.name(), ""))));
    held.forEach(policy -> keyServices(policy, name.namespace()).forEach(names::add));
    held.forEach(policy -> asked(policy).ifPresent(names::add));
    held.forEach(policy -> collectors(policy).forEach(names::add));
    for (ObjectName known : names) {
      Service other = mesh.model().services().get(known);
      if (other != null) {
        services.put(known, other);
        addresses.put(known, mesh.addressOf(other));
        accounts.put(known, mesh.accountsOf(known));
      }
    }
    return new Slice(
        service,
        also,
        new Mesh(
            new MeshModel(
                services,
                new TreeMap<>(),
                own,
                ownStreams,
                held,
                backendTls(services.keySet()),
                texts(held),
                gateways()),
            addresses,
            mesh.trustDomain(),
            accounts),
        breakers.getOrDefault(name, Map.of()));
  }

  /** Services that have the keys of the tokens that a policy asks for. */
  private Stream<ObjectName> keyServices(Policy.Attachment<?> policy, String namespace) {
    return policy.policy().spec() instanceof AuthenticationSpec spec && spec.jwt() != null
        ? spec.jwt().providers().stream()
            .map(Jwt.Provider::jwks)
            .flatMap(keys ->
                keys instanceof Jwt.JwksUri(String uri)
                    ? KeyService.of(uri, namespace, mesh.model().services()).stream()
                    : Stream.empty())
            .map(ServicePort::service)
        : Stream.empty();
  }

  /** What is spoken to these services. */
  private SortedMap<ServicePort, BackendTls> backendTls(Set<ObjectName> services) {
    SortedMap<ServicePort, BackendTls> tls = new TreeMap<>(mesh.model().backendTls());
    tls.keySet().removeIf(port -> !services.contains(port.service()));
    return tls;
  }

  /** Of what is said for all of the mesh, the part that an app's own listener follows from. */
  private Optional<MeshConfig> gateways() {
    List<Gateway> gateways = mesh.model().config().gateways();
    return gateways.isEmpty()
        ? Optional.empty()
        : Optional.of(new MeshConfig(MeshConfig.Outbound.ANY, List.of(), gateways));
  }

  /** What ConfigMaps say that the policies name. */
  private SortedMap<ConfigMapKey, String> texts(List<Policy.Attachment<?>> held) {
    SortedMap<ConfigMapKey, String> texts = new TreeMap<>();
    for (Policy.Attachment<?> policy : held) {
      for (ConfigMapKey key : policy.policy().configMapKeys()) {
        String text = mesh.model().texts().get(key);
        if (text != null) {
          texts.put(key, text);
        }
      }
    }
    return texts;
  }

  /** The service that is asked about requests. */
  private static Optional<ObjectName> asked(Policy.Attachment<?> policy) {
    return policy.policy().spec() instanceof AuthorizationSpec spec && spec.external() != null
        ? Optional.of(spec.external().server(policy.policy().name().namespace()).service())
        : Optional.empty();
  }

  /** The services that are told. */
  private static Stream<ObjectName> collectors(Policy.Attachment<?> policy) {
    return policy.policy().spec() instanceof TelemetrySpec spec
        ? spec.collectors().values().stream()
            .map(backend -> backend.in(policy.policy().name().namespace()).service())
        : Stream.empty();
  }

  private List<Policy.Attachment<?>> policiesOn(Target target) {
    return policies.getOrDefault(Owner.of(target), List.of());
  }
}
