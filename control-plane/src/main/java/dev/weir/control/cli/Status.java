package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Program;
import dev.weir.cli.Version;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.ForwardedPages;
import dev.weir.control.cluster.MeshStatus;
import dev.weir.control.cluster.WeirPod;
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
            + " planes are asked. With -n: those of one namespace.",
        new Version("weir", Status.class),
        ClusterOptions.and(Output.option()),
        List.<Operand>of(),
        List.of(
            "all of it is in force", "something is not, or nobody can be asked", "wrong usage"));
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
    List<WeirPod> sidecars = WeirPod.sidecars(cluster.client(), namespace);
    try (ForwardedPages pages = new ForwardedPages(cluster.client())) {
      MeshStatus status = MeshStatus.of(controlPlanes, sidecars, pages, namespace);
      output.print(StatusReport.fields(status), StatusReport.lines(status, namespace), out);
      return status.well() && !status.sidecars().isEmpty() ? Program.OK : Program.FAILED;
    }
  }
}
