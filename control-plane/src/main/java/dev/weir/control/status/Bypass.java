package dev.weir.control.status;

import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Policy;
import dev.weir.control.model.ResilienceSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What there is to say of what callers enforce, where some who may call have no sidecar. Who calls
 * is not known, so it is said of the namespace, whether there are such pods and not which.
 */
public final class Bypass {
  private static final int MOST_NAMED = 5;

  private Bypass() {}

  /**
   * By kind and name, as in {@code ResiliencePolicy shop/cart} and {@code HTTPRoute shop/cart}.
   *
   * @param partly namespaces that have pods with sidecars, and pods without
   */
  public static Map<String, String> of(MeshModel model, SortedSet<String> partly) {
    Map<String, String> told = new HashMap<>();
    if (partly.isEmpty()) {
      return told;
    }
    for (Policy.Attachment<ResilienceSpec> one : model.policies(ResilienceSpec.class)) {
      if (isOfCallers(one.policy().spec())) {
        String policy = "ResiliencePolicy " + one.policy().name();
        if (one.target().equals(Policy.Target.MESH)) {
          told.put(policy, told(partly));
        } else {
          tell(policy, one.target().name().namespace(), partly, told);
        }
      }
    }
    model
        .routes()
        .forEach(one -> tell(one.kind() + " " + one.name(), one.name().namespace(), partly, told));
    model
        .streams()
        .forEach(one -> tell(one.kind() + " " + one.name(), one.name().namespace(), partly, told));
    return told;
  }

  private static boolean isOfCallers(ResilienceSpec spec) {
    return Stream.of(
            spec.timeouts(),
            spec.retry(),
            spec.hedging(),
            spec.circuitBreaker(),
            spec.outlierDetection())
        .anyMatch(section -> section != null);
  }

  private static void tell(
      String resource, String namespace, SortedSet<String> partly, Map<String, String> told) {
    if (partly.contains(namespace)) {
      told.putIfAbsent(
          resource,
          "namespace %s has pods without a sidecar, whose calls go past it (weir status -n %s names them)"
              .formatted(namespace, namespace));
    }
  }

  private static String told(SortedSet<String> partly) {
    int more = partly.size() - MOST_NAMED;
    return "namespaces have pods without a sidecar, whose calls go past it: "
        + partly.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
        + (more > 0 ? " and %d more".formatted(more) : "")
        + " (weir status names the pods)";
  }
}
