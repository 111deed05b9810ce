package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Table;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.ForwardedPages;
import dev.weir.control.cluster.PodPages;
import dev.weir.control.cluster.SidecarConfig;
import dev.weir.control.cluster.WeirPod;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.Nearest;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** {@code weir config POD KIND} of a cluster: what a pod's sidecar has in force. */
public final class Config {
  private Config() {}

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
              SidecarConfig.Kind kind = kind(values.operand(1));
              String pod = values.operand(0);
              return ClusterOptions.ask(
                  values,
                  cluster -> show(cluster, ClusterOptions.name(pod, cluster), kind, output, out));
            });
  }

  static Program program() {
    return new Program(
        "weir config",
        "Shows what the sidecar of a pod has in force.",
        new Version("weir", Config.class),
        ClusterOptions.and(Output.option()),
        List.of(
            new Operand("POD", "The pod, by its name or NAMESPACE/NAME."),
            new Operand("KIND", "listeners, routes, clusters or endpoints.")),
        List.of("done", "it could not be done", "wrong usage"));
  }

  private static SidecarConfig.Kind kind(String word) throws WrongUsage {
    List<String> words =
        Arrays.stream(SidecarConfig.Kind.values())
            .map(kind -> kind.name().toLowerCase(Locale.ROOT))
            .toList();
    if (!words.contains(word)) {
      throw new WrongUsage(
          "\"%s\" is not one of listeners, routes, clusters and endpoints%s"
              .formatted(word, Nearest.hint(word, words)));
    }
    return SidecarConfig.Kind.valueOf(word.toUpperCase(Locale.ROOT));
  }

  private static int show(
      Cluster cluster, ObjectName name, SidecarConfig.Kind kind, Output output, PrintStream out)
      throws IOException {
    needSidecar(cluster, name);
    try (ForwardedPages pages = new ForwardedPages(cluster.client())) {
      SidecarConfig config =
          SidecarConfig.of(kind, pages.page(name, PodPages.SIDECAR, kind.page()));
      output.print(config.parts(), Table.lines(config.rows()), out);
      return Program.OK;
    }
  }

  /**
   * Says what is wrong with a pod that cannot be asked.
   *
   * @throws IOException there is no such pod, or it has no sidecar
   */
  static WeirPod needSidecar(Cluster cluster, ObjectName name) throws IOException {
    Pod pod = cluster.client().pods().inNamespace(name.namespace()).withName(name.name()).get();
    if (pod == null) {
      List<String> others =
          cluster.client().pods().inNamespace(name.namespace()).list().getItems().stream()
              .map(other -> other.getMetadata().getName())
              .toList();
      throw new IOException(
          "there is no pod " + name + " at " + cluster.describe() + hint(name, others));
    }
    return WeirPod.withSidecar(pod)
        .orElseThrow(() ->
            new IOException(
                ("pod %s has no sidecar; label its namespace or the pod weir.dev/inject=enabled,"
                        + " and let it be made anew")
                    .formatted(name)));
  }

  private static String hint(ObjectName name, List<String> others) {
    List<String> alike =
        others.stream().filter(other -> other.startsWith(name.name() + "-")).limit(5).toList();
    if (!alike.isEmpty()) {
      return "; there are " + String.join(", ", alike);
    }
    return others.isEmpty() ? "; the namespace has none" : Nearest.hint(name.name(), others);
  }
}
