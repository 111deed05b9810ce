package dev.weir.sidecar.pod;

import dev.weir.sidecar.log.Component;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.log.Logs;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code weir pod}: the sidecar of a pod of Kubernetes. */
public final class Main {
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return Arguments.program()
        .run(words, out, err, values -> serve(Arguments.of(values), out, err));
  }

  private static int serve(Arguments pod, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    try (Logs logs = new Logs("weir pod", pod.logging(), out, err)) {
      awaitRedirection(
          pod,
          new Redirection(
              new InetSocketAddress(pod.address(), Redirection.CALLED_PORT),
              Redirection.INBOUND_PORT),
          LOOK_INTERVAL,
          logs.of(Component.MAIN));
    }
    Files.createDirectories(pod.folder());
    Path bootstrap = pod.folder().resolve("bootstrap.yaml");
    Files.writeString(bootstrap, pod.bootstrap());
    List<String> words =
        new ArrayList<>(
            List.of("--config=" + bootstrap, "--last-good=" + pod.folder().resolve("last-good")));
    words.addAll(pod.sidecar());
    return dev.weir.sidecar.Main.serve(words.toArray(String[]::new));
  }

  /**
   * A sidecar that the app calls past protects nothing and must not look as if it did: it is not
   * ready before there are rules.
   */
  static void awaitRedirection(Arguments pod, Redirection redirection, Duration interval, Log log)
      throws IOException, InterruptedException {
    if (redirection.inForce()) {
      return;
    }
    log.accept(
        ("the connections of pod %1$s/%2$s are not redirected to its sidecar, which is not"
                + " ready before they are: its init container weir-init is missing, or it was made"
                + " while the CNI plugin was not chained on its node; see that weir-cni runs there,"
                + " then kubectl -n %1$s delete pod %2$s, so that it is made anew")
            .formatted(pod.namespace(), pod.pod()));
    do {
      Thread.sleep(interval);
    } while (!redirection.inForce());
    log.info("they are redirected now");
  }
}
