package dev.weir.sidecar.cni;

import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What {@code weir cni} is told. The folders have the same paths here as on the node.
 *
 * @param bin where the node has its CNI plugins
 * @param conf where it has their confs
 * @param run where the plugin asks
 * @param busybox a static one, by which the plugin runs on any node
 * @param patience how long a pod waits for an answer
 * @param daemonSet what it is of; empty: it stays chained when it ends
 */
record Arguments(
    Path bin,
    Path conf,
    Path run,
    Path busybox,
    Duration patience,
    Optional<OwnDaemonSet.Name> daemonSet) {
  private static final String BUSYBOX = "/opt/weir/cni/busybox";
  private static final int PATIENCE = 20;

  static Program program() {
    return new Program(
        "weir cni",
        "Chain Weir's CNI plugin on this node, and write the redirect rules of the pods that it"
            + " asks for; the chart writes its command line.",
        new Version("weir cni", Main.class),
        List.of(
            Options.required("bin", "DIR", "Where the node has its CNI plugins."),
            Options.required("conf", "DIR", "Where it has their confs."),
            Options.required("run", "DIR", "A folder of the node where the plugin asks."),
            Options.optional("busybox", "FILE", "A static busybox (default: " + BUSYBOX + ")."),
            Options.optional(
                "patience",
                "SECONDS",
                "How long a pod waits for the agent (default: " + PATIENCE + ")."),
            Options.optional(
                "daemon-set",
                "NAMESPACE/NAME",
                "What it is of: once that is gone, the plugin is taken out of the chain at the end."
                    + " Default: it stays.")),
        List.of(),
        List.of("ran until it was told to stop", "it cannot run", "wrong usage"));
  }

  static Arguments of(Values values) throws WrongUsage {
    int patience = values.integer("patience").orElse(PATIENCE);
    if (patience < 1 || patience > 120) {
      throw new WrongUsage("--patience: " + patience + " is not from 1 to 120");
    }
    return new Arguments(
        values.value("bin", Arguments::folder).orElseThrow(),
        values.value("conf", Arguments::folder).orElseThrow(),
        values.value("run", Arguments::folder).orElseThrow(),
        values.value("busybox", Arguments::busybox).orElse(Path.of(BUSYBOX)),
        Duration.ofSeconds(patience),
        values.value("daemon-set", OwnDaemonSet.Name::parse));
  }

  private static Path busybox(String text) {
    Path path = Path.of(text);
    if (!Files.isRegularFile(path) || !Files.isExecutable(path)) {
      throw new IllegalArgumentException("\"" + text + "\" is not a program");
    }
    return path;
  }

  /** They are written into the plugin, a script. */
  private static Path folder(String text) {
    if (!text.matches("/[A-Za-z0-9/._-]*")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not an absolute path of letters, digits and . _ - alone");
    }
    return Path.of(text);
  }
}
