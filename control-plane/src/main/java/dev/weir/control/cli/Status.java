package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Version;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.ForwardedPages;
import dev.weir.control.cluster.Membership;
import dev.weir.control.cluster.MeshStatus;
import dev.weir.control.cluster.WeirPod;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/** {@code weir status} of a cluster: each sidecar, and whether what is to be in force is. */
public final class Status {
  private Status() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program()
        .run(
            words,
            out,
            err,
            values -> {
              Output output = Output.of(values);
              return ClusterOptions.ask(values, cluster -> show(cluster, output, out));
            });
  }

  static Program program() {
    return new Program(
        "weir status",
        "Shows each sidecar of a cluster, and whether what is to be in force with it is: all control"
            + " planes are asked; and which pods have no sidecar, or an old one. With -n: those of"
            + " one namespace.",
        new Version("weir", Status.class),
        ClusterOptions.and(Output.option()),
        List.<Operand>of(),
        List.of(
            "all of it is in force",
            "something is not, or a pod that is to have a sidecar has none, or nobody can be asked",
            "wrong usage"));
  }

  private static int show(Cluster cluster, Output output, PrintStream out) throws IOException {
    List<WeirPod> controlPlanes = WeirPod.controlPlanes(cluster.client());
    if (controlPlanes.isEmpty()) {
      throw new IOException(
          "no control plane runs in "
              + Cluster.SYSTEM
              + " of the cluster at "
              + cluster.describe()
              + "; weir precheck says whether Weir can be installed, and docs/kubernetes.md how");
    }
    Optional<String> namespace = cluster.saidNamespace();
    List<Pod> pods = WeirPod.all(cluster.client(), namespace);
    Membership members = Membership.of(cluster.client(), pods, namespace, controlPlanes);
    try (ForwardedPages pages = new ForwardedPages(cluster.client())) {
      MeshStatus status = MeshStatus.of(controlPlanes, WeirPod.sidecars(pods), pages, namespace);
      output.print(
          StatusReport.fields(status, members),
          StatusReport.lines(status, members, namespace),
          out);
      return status.well() && members.well() && !status.sidecars().isEmpty()
          ? Program.OK
          : Program.FAILED;
    }
  }
}
