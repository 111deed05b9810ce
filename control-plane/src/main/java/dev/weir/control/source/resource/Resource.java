package dev.weir.control.source.resource;

import dev.weir.control.model.BackendTls;
import dev.weir.control.model.ConfigMapKey;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.MeshConfig;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Route;
import dev.weir.control.model.Service;
import dev.weir.control.model.StreamRoute;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** One resource, read and right by itself. */
public sealed interface Resource {
  Manifest manifest();

  /** The ConfigMaps that it is not complete without. */
  default Stream<ObjectName> configMaps() {
    return Stream.empty();
  }

  /**
   * A {@code Service}.
   *
   * @param service where a port is named that calls go to, with another in its place
   * @param namedTargets those names, by the number of the service's port
   */
  record OfService(Manifest manifest, Service service, Map<Integer, NamedTarget> namedTargets)
      implements Resource {}

  /** A {@code targetPort} that is a name, of entry {@code index} of {@code spec.ports}. */
  record NamedTarget(int index, String name) {}

  /** Pods, as what makes them describes them: their labels, and their ports that have names. */
  record OfWorkload(Manifest manifest, Map<String, String> labels, Map<String, Integer> ports)
      implements Resource {}

  /** An {@code EndpointSlice} or {@code Endpoints}: ready addresses of ports of a service. */
  record OfEndpoints(Manifest manifest, ObjectName service, List<PortEndpoints> ports)
      implements Resource {}

  /** {@code portName} is the service port's; empty for a port without a name. */
  record PortEndpoints(String portName, List<Endpoint> endpoints) {}

  /**
   * An {@code HTTPRoute} or {@code GRPCRoute}.
   *
   * @param route not bound to anything yet
   */
  record OfRoute(Manifest manifest, Route route, List<ParentRef> parents) implements Resource {}

  /**
   * A {@code TCPRoute} or {@code TLSRoute}.
   *
   * @param route not bound to anything yet
   */
  record OfStreamRoute(Manifest manifest, StreamRoute route, List<ParentRef> parents)
      implements Resource {}

  /** Item {@code index} of the parentRefs: a service, and the port if not all of them. */
  record ParentRef(int index, ObjectName service, OptionalInt port, Optional<String> portName) {}

  /** A {@code ReferenceGrant}: each of {@code from} may refer to each of {@code to}, of its own. */
  record OfGrant(Manifest manifest, List<Referrer> from, List<Referent> to) implements Resource {
    public OfGrant {
      from = List.copyOf(from);
      to = List.copyOf(to);
    }
  }

  /** All resources of a kind that live in a namespace. */
  record Referrer(String group, String kind, String namespace) {}

  /** One resource, or all of its kind if it has no name. */
  record Referent(String group, String kind, Optional<String> name) {}

  /** A {@code ConfigMap}: its texts, by key. */
  record OfConfigMap(Manifest manifest, Map<String, String> data) implements Resource {
    public OfConfigMap {
      data = Map.copyOf(data);
    }
  }

  /**
   * A {@code BackendTLSPolicy}.
   *
   * @param roots what has the certificates of those that are trusted; empty: by {@code wellKnown}
   * @param wellKnown by what name else, or ""
   * @param options names that only some implementations know
   */
  record OfBackendTls(
      Manifest manifest,
      List<PolicyTarget> targets,
      List<LocalReference> roots,
      String wellKnown,
      String hostname,
      List<BackendTls.Name> names,
      List<String> options)
      implements Resource {
    /** Where a ConfigMap has them. */
    public static final String KEY = "ca.crt";

    @Override
    public Stream<ObjectName> configMaps() {
      return roots.stream()
          .filter(ref -> ref.group().isEmpty() && ref.kind().equals("ConfigMap"))
          .map(LocalReference::name);
    }
  }

  /** {@code section} is the name of a port, or empty for all. */
  record PolicyTarget(String group, String kind, ObjectName name, String section) {}

  /** Something in the namespace of who names it. */
  record LocalReference(String group, String kind, ObjectName name) {}

  /** A {@code MeshConfig}. */
  record OfMeshConfig(Manifest manifest, MeshConfig config) implements Resource {}

  /** One of Weir's policies. */
  record OfPolicy<S extends Policy.Spec>(Manifest manifest, Policy<S> policy) implements Resource {
    @Override
    public Stream<ObjectName> configMaps() {
      return policy.configMapKeys().stream().map(ConfigMapKey::map);
    }
  }
}
