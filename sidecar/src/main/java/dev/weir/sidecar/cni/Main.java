package dev.weir.sidecar.cni;

import dev.weir.cli.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** {@code weir cni}. */
public final class Main {
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return Arguments.program().run(words, out, err, values -> serve(Arguments.of(values), err));
  }

  private static int serve(Arguments arguments, PrintStream err)
      throws IOException, InterruptedException {
    PluginFiles.install(
        arguments.bin(), arguments.run(), arguments.busybox(), arguments.patience());
    try (Agent agent =
        new Agent(arguments.conf(), arguments.run(), line -> err.println("weir cni: " + line))) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(arguments, agent, err), "stop"));
      agent.serve();
    }
    return Program.OK;
  }

  /** A mere restart leaves all as it is: a pod that is made meanwhile waits for the next agent. */
  private static void end(Arguments arguments, Agent agent, PrintStream err) {
    try {
      Optional<OwnDaemonSet> of = arguments.daemonSet().map(Main::daemonSet);
      if (of.isPresent() && of.get().isGone()) {
        agent.unchain();
        err.println("weir cni: the DaemonSet is gone: the plugin is no longer chained");
      }
    } catch (IOException e) {
      err.println(
          "weir cni: the plugin stays chained: whether the DaemonSet is gone is not known: " + e);
    }
    err.flush();
    Runtime.getRuntime().halt(Program.OK);
  }

  private static OwnDaemonSet daemonSet(OwnDaemonSet.Name name) {
    return new OwnDaemonSet(
        name,
        URI.create(
            "https://%s:%s"
                .formatted(
                    System.getenv("KUBERNETES_SERVICE_HOST"),
                    System.getenv("KUBERNETES_SERVICE_PORT"))),
        ACCOUNT);
  }
}
