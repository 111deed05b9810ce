package dev.weir.control.injector;

import java.util.Map;
import java.util.TreeMap;

/**
 * What every injected sidecar has in common.
 *
 * @param image of the sidecar
 * @param imagePullPolicy as Kubernetes has it: Always, IfNotPresent or Never
 * @param controlPlane where xDS and the CA are: a name and a port
 * @param trustDomain of the mesh
 * @param profile default or edge, as of {@code weir sidecar}
 * @param cpuRequest a quantity, as the two that follow
 * @param nativeSidecar an init container that is restarted, as of Kubernetes 1.29; else a container
 *     beside the app's
 */
public record Injection(
    String image,
    String imagePullPolicy,
    String controlPlane,
    String trustDomain,
    String profile,
    String cpuRequest,
    String memoryRequest,
    String memoryLimit,
    boolean nativeSidecar) {
  /** What the chart has if nobody says otherwise. */
  public static final Injection DEFAULT =
      new Injection(
          "weir-sidecar:0.1.0",
          "IfNotPresent",
          "weir-control-plane.weir-system.svc:15012",
          "cluster.local",
          "default",
          "100m",
          "160Mi",
          "512Mi",
          true);

  /** The same with what people say on a command line. */
  public Injection with(
      String otherImage,
      String pullPolicy,
      String otherControlPlane,
      String otherTrustDomain,
      String otherProfile,
      boolean isNative) {
    return new Injection(
        otherImage,
        pullPolicy,
        otherControlPlane,
        otherTrustDomain,
        otherProfile,
        cpuRequest,
        memoryRequest,
        memoryLimit,
        isNative);
  }

  /** What stands for what in the template. */
  Map<String, String> values() {
    return new TreeMap<>(
        Map.of(
            "image", image,
            "imagePullPolicy", imagePullPolicy,
            "controlPlane", controlPlane,
            "trustDomain", trustDomain,
            "profile", profile,
            "cpuRequest", cpuRequest,
            "memoryRequest", memoryRequest,
            "memoryLimit", memoryLimit,
            "ownPorts", ProbeRewrite.OWN_PORTS));
  }
}
