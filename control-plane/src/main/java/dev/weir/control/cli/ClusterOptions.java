package dev.weir.control.cli;

import dev.weir.cli.Options;
import dev.weir.cli.Values;
import dev.weir.cli.WrongUsage;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.model.ObjectName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/** The options by which a command is told which cluster, as kubectl takes them. */
final class ClusterOptions {
  private static final String KUBERNETES = "kubernetes";
  private static final String KUBECONFIG = "kubeconfig";
  private static final String CONTEXT = "context";
  private static final String NAMESPACE = "namespace";

  private ClusterOptions() {}

  /** These, and others. */
  static List<Option> and(Option... others) {
    return Stream.concat(
            Stream.concat(
                which(),
                Stream.of(
                    Option.builder("n")
                        .longOpt(NAMESPACE)
                        .argName("NAME")
                        .hasArg()
                        .desc("The namespace.")
                        .get())),
            Stream.of(others))
        .toList();
  }

  /** Those of them that say which cluster, for what is of no namespace. */
  static Stream<Option> which() {
    return Stream.of(
        Option.builder("k").longOpt(KUBERNETES).desc("Of a cluster, whatever the folder is.").get(),
        Options.optional(
            KUBECONFIG, "FILE", "Which cluster (default: $KUBECONFIG, ~/.kube/config)."),
        Options.optional(CONTEXT, "NAME", "The context of that file (default: its current one)."));
  }

  /** Whether one of them is there: then a cluster is meant. */
  static boolean given(Values values) throws WrongUsage {
    return values.given(KUBERNETES)
        || values.given(KUBECONFIG)
        || values.given(CONTEXT)
        || values.given(NAMESPACE);
  }

  /** Whether one is there that no folder has anything to do with. */
  static boolean elsewhere(Values values) throws WrongUsage {
    return values.given(KUBERNETES) || values.given(KUBECONFIG) || values.given(CONTEXT);
  }

  static Optional<String> namespace(Values values) throws WrongUsage {
    return values.value(NAMESPACE, ClusterOptions::label);
  }

  private static String label(String name) {
    if (!name.matches(ObjectName.LABEL_PATTERN)) {
      throw new IllegalArgumentException("\"" + name + "\" is no name of a namespace");
    }
    return name;
  }

  /** Asks the cluster that is meant. */
  static <T> T ask(Values values, Cluster.Job<? extends T> job) throws WrongUsage, IOException {
    Optional<Path> kubeconfig = values.path(KUBECONFIG);
    if (kubeconfig.isPresent() && !Files.isReadable(kubeconfig.get())) {
      throw new WrongUsage("--kubeconfig: " + kubeconfig.get() + " cannot be read");
    }
    return Cluster.ask(kubeconfig, values.text(CONTEXT), namespace(values), job);
  }

  /** {@code NAMESPACE/NAME}, or a name in the namespace that is meant. */
  static ObjectName name(String word, Cluster cluster) {
    int slash = word.indexOf('/');
    return slash < 0
        ? new ObjectName(cluster.namespace(), word)
        : new ObjectName(word.substring(0, slash), word.substring(slash + 1));
  }
}
