package dev.weir.control.status;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.RateLimitSpec;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.workload.Pods.Bare;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Where policies that protect an instance are not enforced, because no sidecar stands beside it.
 */
public final class Unprotected {
  private static final int MOST_NAMED = 5;

  private Unprotected() {}

  /**
   * What there is to say of policies, by kind and name, as in {@code RateLimitPolicy shop/cart}.
   *
   * @param bare instances without a sidecar, by service
   * @param joined namespaces that have sidecars: what is for the mesh is for these
   */
  public static Map<String, String> of(
      MeshModel model, SortedMap<ObjectName, Bare> bare, Set<String> joined) {
    Map<String, SortedMap<ObjectName, Bare>> found = new HashMap<>();
    if (!bare.isEmpty()) {
      for (Policy.Attachment<?> attachment : model.policies()) {
        kind(attachment.policy().spec())
            .ifPresent(kind ->
                found
                    .computeIfAbsent(
                        kind + " " + attachment.policy().name(), key -> new TreeMap<>())
                    .putAll(concerned(attachment.target(), bare, joined)));
      }
    }
    Map<String, String> told = new HashMap<>();
    found.forEach((policy, services) -> {
      if (!services.isEmpty()) {
        told.put(policy, "no sidecar enforces it for " + named(services));
      }
    });
    return told;
  }

  /** Of a policy that sidecars enforce for the app that they stand beside. */
  private static Optional<String> kind(Policy.Spec spec) {
    return switch (spec) {
      case RateLimitSpec _ -> Optional.of("RateLimitPolicy");
      case AuthorizationSpec _ -> Optional.of("AuthorizationPolicy");
      case AuthenticationSpec one when protects(one) -> Optional.of("AuthenticationPolicy");
      case ResilienceSpec one when one.concurrency() != null -> Optional.of("ResiliencePolicy");
      default -> Optional.empty();
    };
  }

  private static boolean protects(AuthenticationSpec spec) {
    return spec.jwt() != null
        || spec.mtls() != null && spec.mtls().mode() == AuthenticationSpec.Mtls.Mode.STRICT;
  }

  private static Map<ObjectName, Bare> concerned(
      Policy.Target target, SortedMap<ObjectName, Bare> bare, Set<String> joined) {
    return switch (target.kind()) {
      case SERVICE -> having(bare, name -> name.equals(target.name()));
      case NAMESPACE -> having(bare, name -> name.namespace().equals(target.name().namespace()));
      case MESH_CONFIG -> having(bare, name -> joined.contains(name.namespace()));
      case HTTP_ROUTE, GRPC_ROUTE -> Map.of();
    };
  }

  private static Map<ObjectName, Bare> having(
      SortedMap<ObjectName, Bare> bare, Predicate<ObjectName> wanted) {
    return bare.entrySet().stream()
        .filter(each -> wanted.test(each.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** As in {@code 2 of 3 instances of shop/cart: cart-0, cart-1}. */
  static String named(SortedMap<ObjectName, Bare> services) {
    String told =
        services.entrySet().stream()
            .limit(MOST_NAMED)
            .map(each -> told(each.getKey(), each.getValue()))
            .collect(Collectors.joining("; "));
    int more = services.size() - MOST_NAMED;
    return told + (more > 0 ? "; and instances of %d more services".formatted(more) : "");
  }

  private static String told(ObjectName service, Bare bare) {
    List<String> named = bare.named();
    int more = bare.count() - named.size();
    return "%d of %d instances of %s: %s%s"
        .formatted(
            bare.count(),
            bare.of(),
            service,
            String.join(", ", named),
            more > 0 ? " and %d more".formatted(more) : "");
  }
}
