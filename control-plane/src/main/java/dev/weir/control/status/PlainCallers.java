package dev.weir.control.status;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthenticationSpec.Mtls;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.workload.Pods.Bare;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whom a Strict policy refuses if they call: pods without a sidecar, which have no certificate to
 * show.
 */
public final class PlainCallers {
  private PlainCallers() {}

  /**
   * What there is to say of policies, by kind and name.
   *
   * @param bare instances without a sidecar, by service
   * @param joined namespaces that have sidecars: pods of others are no part of the mesh
   */
  public static Map<String, String> of(
      MeshModel model, SortedMap<ObjectName, Bare> bare, Set<String> joined) {
    SortedMap<ObjectName, Bare> callers = new TreeMap<>(bare);
    callers.keySet().removeIf(name -> !joined.contains(name.namespace()));
    Map<String, String> told = new HashMap<>();
    for (Policy.Attachment<?> attachment : model.policies()) {
      if (isStrict(attachment.policy().spec())) {
        SortedMap<ObjectName, Bare> others = new TreeMap<>(callers);
        others.keySet().removeIf(name -> isOnly(attachment.target(), name));
        if (!others.isEmpty()) {
          told.put(
              "AuthenticationPolicy " + attachment.policy().name(),
              "refuses the calls of pods without a sidecar: "
                  + Unprotected.named(others)
                  + "; weir status says who has called in plain text");
        }
      }
    }
    return told;
  }

  private static boolean isStrict(Policy.Spec spec) {
    return spec instanceof AuthenticationSpec one
        && one.mtls() != null
        && one.mtls().mode() == Mtls.Mode.STRICT;
  }

  /** Of the service itself it is said already that nobody enforces it there. */
  private static boolean isOnly(Policy.Target target, ObjectName service) {
    return target.kind() == dev.weir.control.model.TargetRef.Kind.SERVICE
        && target.name().equals(service);
  }
}
