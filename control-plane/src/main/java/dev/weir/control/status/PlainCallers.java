package dev.weir.control.status;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthenticationSpec.Mtls;
import dev.weir.control.model.MeshConfig;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.workload.Pods.Bare;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Whom Strict refuses if they call: pods without a sidecar, which have no certificate to show.
 *
 * @param bare their instances in namespaces that have sidecars, by service
 * @param apart namespaces whose pods have none
 */
public record PlainCallers(SortedMap<ObjectName, Bare> bare, SortedSet<String> apart) {
  private static final int MOST_NAMED = 5;

  /**
   * Those of a cluster.
   *
   * @param bare instances without a sidecar, by service
   * @param joined namespaces that have sidecars
   * @param apart namespaces that have pods and no sidecar
   */
  public static PlainCallers of(
      SortedMap<ObjectName, Bare> bare, Set<String> joined, SortedSet<String> apart) {
    SortedMap<ObjectName, Bare> within = new TreeMap<>(bare);
    within.keySet().removeIf(name -> !joined.contains(name.namespace()));
    SortedSet<String> others = new TreeSet<>(apart);
    others.remove(MeshConfig.NAME.namespace()); // a control plane calls no app
    return new PlainCallers(within, others);
  }

  /** Those that policies of the mesh are for: pods of other namespaces are no part of it. */
  public PlainCallers withinTheMesh() {
    return new PlainCallers(bare, Collections.emptySortedSet());
  }

  /** What there is to say of Strict policies, by kind and name. */
  public Map<String, String> refused(MeshModel model) {
    return told(model, Mtls.Mode.STRICT, "refuses the calls of ");
  }

  /** And of those that take both. */
  public Map<String, String> told(MeshModel model) {
    Map<String, String> told = refused(model);
    told.putAll(told(model, Mtls.Mode.PERMISSIVE, "Strict would refuse the calls of "));
    return told;
  }

  private Map<String, String> told(MeshModel model, Mtls.Mode mode, String what) {
    Map<String, String> told = new HashMap<>();
    for (Policy.Attachment<?> attachment : model.policies()) {
      if (isOf(mode, attachment.policy().spec())) {
        String callers = callers(name -> isOnly(attachment.target(), name));
        if (!callers.isEmpty()) {
          told.put(
              "AuthenticationPolicy " + attachment.policy().name(),
              what + callers + "; weir describe says who has called a service in plain text");
        }
      }
    }
    return told;
  }

  /** Those that may call a service, in words; empty for none. */
  public String callersOf(ObjectName service) {
    return callers(service::equals);
  }

  private String callers(Predicate<ObjectName> own) {
    SortedMap<ObjectName, Bare> others = new TreeMap<>(bare);
    others.keySet().removeIf(own);
    List<String> callers = new ArrayList<>();
    if (!others.isEmpty()) {
      callers.add("pods without a sidecar: " + Unprotected.named(others));
    }
    if (!apart.isEmpty()) {
      int more = apart.size() - MOST_NAMED;
      callers.add(
          "pods of namespaces that have no sidecar: "
              + apart.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
              + (more > 0 ? " and %d more".formatted(more) : ""));
    }
    return String.join("; ", callers);
  }

  private static boolean isOf(Mtls.Mode mode, Policy.Spec spec) {
    return spec instanceof AuthenticationSpec one
        && one.mtls() != null
        && one.mtls().mode() == mode;
  }

  /** Of the service itself it is said already that nobody enforces it there. */
  private static boolean isOnly(Policy.Target target, ObjectName service) {
    return target.kind() == dev.weir.control.model.TargetRef.Kind.SERVICE
        && target.name().equals(service);
  }
}
