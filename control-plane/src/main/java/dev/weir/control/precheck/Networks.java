package dev.weir.control.precheck;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSystemInfo;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The nodes on which pods run, and their addresses. */
final class Networks {
  private static final Set<String> ARCHITECTURES = Set.of("amd64", "arm64");
  private static final Pattern KERNEL = Pattern.compile("^([0-9]+)\\.([0-9]+).*");

  private Networks() {}

  static List<Verdict> addresses(KubernetesClient client) {
    Service own = client.services().inNamespace("default").withName("kubernetes").get();
    List<String> families =
        own == null || own.getSpec().getIpFamilies() == null
            ? List.of()
            : own.getSpec().getIpFamilies();
    if (families.isEmpty()) {
      return List.of();
    }
    return List.of(
        families.getFirst().equals("IPv6")
            ? Verdict.failure(
                "addresses", "IPv6 comes first here, and sidecars take IPv4; not supported yet")
            : Verdict.ok("addresses", "IPv4"));
  }

  static List<Verdict> nodes(KubernetesClient client) {
    return of(client.nodes().list().getItems());
  }

  static List<Verdict> of(List<Node> nodes) {
    List<Verdict> verdicts = new ArrayList<>();
    Map<String, Integer> fit = new TreeMap<>();
    for (Node node : nodes) {
      String name = node.getMetadata().getName();
      NodeSystemInfo info = node.getStatus() == null ? null : node.getStatus().getNodeInfo();
      if (info == null || info.getArchitecture() == null || info.getArchitecture().isEmpty()) {
        verdicts.add(
            Verdict.warning("node " + name, "does not say what it is; look at its kubelet"));
      } else if (!"linux".equals(info.getOperatingSystem())
          || !ARCHITECTURES.contains(info.getArchitecture())) {
        verdicts.add(
            Verdict.warning(
                "node " + name,
                "%s %s: no sidecar runs there; keep pods with one away by nodeSelector"
                    .formatted(info.getOperatingSystem(), info.getArchitecture())));
      } else if (isTooOld(info.getKernelVersion())) {
        verdicts.add(
            Verdict.warning(
                "node " + name,
                "kernel %s: redirecting takes 5.2 or later (nftables, NAT in the family inet); upgrade"
                        .formatted(info.getKernelVersion())
                    + " it, or keep pods with a sidecar away"));
      } else {
        fit.merge("linux " + info.getArchitecture(), 1, Integer::sum);
      }
    }
    if (fit.isEmpty()) {
      verdicts.add(
          Verdict.failure(
              "nodes",
              nodes.isEmpty()
                  ? "there is none, so no pod will run"
                  : "none can run a sidecar: linux on amd64 or arm64, kernel 5.2 or later"));
    } else {
      List<String> counts = new ArrayList<>();
      fit.forEach((what, number) -> counts.add(number + " x " + what));
      verdicts.addFirst(Verdict.ok("nodes", String.join(", ", counts)));
    }
    return verdicts;
  }

  private static boolean isTooOld(String kernel) {
    Matcher version = KERNEL.matcher(kernel == null ? "" : kernel);
    if (!version.matches()) {
      return false;
    }
    int major = Integer.parseInt(version.group(1));
    return major < 5 || major == 5 && Integer.parseInt(version.group(2)) < 2;
  }
}
