package dev.weir.control.ui.mesh;

import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Mode;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.RateLimitSpec;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Route;
import dev.weir.control.model.TargetRef;
import dev.weir.control.traffic.Edge;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** What policies are for. */
final class Policies {
  private Policies() {}

  /** {@code ResiliencePolicy shop/cart}. */
  static String resource(Policy<?> policy) {
    return policy.spec().getClass().getSimpleName().replaceFirst("Spec$", "Policy")
        + " "
        + policy.name();
  }

  static boolean isShadow(Policy<?> policy) {
    Mode mode =
        switch (policy.spec()) {
          case ResilienceSpec spec -> spec.mode();
          case RateLimitSpec spec -> spec.mode();
          case AuthorizationSpec spec -> spec.mode();
          default -> Mode.ENFORCE;
        };
    return mode == Mode.SHADOW;
  }

  /** The services that the target of a policy has, though not each of its sections may hold. */
  static Set<ObjectName> services(MeshModel model, Policy.Attachment<?> attachment) {
    Policy.Target target = attachment.target();
    Set<ObjectName> services = new TreeSet<>();
    switch (target.kind()) {
      case MESH_CONFIG -> services.addAll(model.services().keySet());
      case NAMESPACE ->
          model.services().keySet().stream()
              .filter(name -> name.namespace().equals(target.name().namespace()))
              .forEach(services::add);
      case SERVICE -> services.add(target.name());
      case HTTP_ROUTE, GRPC_ROUTE ->
          model.routes().stream()
              .filter(route -> route.name().equals(target.name()) && isOf(route, target.kind()))
              .flatMap(route -> route.parents().stream())
              .forEach(port -> services.add(port.service()));
    }
    return services;
  }

  private static boolean isOf(Route route, TargetRef.Kind kind) {
    return (route.kind() == Route.Kind.HTTP) == (kind == TargetRef.Kind.HTTP_ROUTE);
  }

  /**
   * The calls that a policy is about: one for another namespace's service is for its own callers.
   */
  static Predicate<Edge> calls(MeshModel model, Policy.Attachment<?> attachment) {
    Set<String> names = new TreeSet<>();
    services(model, attachment).forEach(name -> names.add(name.toString()));
    String own = attachment.policy().name().namespace() + "/";
    boolean consumers =
        attachment.target().kind() == TargetRef.Kind.SERVICE
            && !attachment.target().name().namespace().equals(own.substring(0, own.length() - 1));
    return edge ->
        names.contains(edge.destination()) && (!consumers || edge.source().startsWith(own));
  }
}
