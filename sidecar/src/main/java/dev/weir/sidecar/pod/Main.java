package dev.weir.sidecar.pod;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code weir pod}: the sidecar of a pod of Kubernetes. */
public final class Main {
  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return Arguments.program().run(words, out, err, values -> serve(Arguments.of(values)));
  }

  private static int serve(Arguments pod) throws IOException {
    Files.createDirectories(pod.folder());
    Path bootstrap = pod.folder().resolve("bootstrap.yaml");
    Files.writeString(bootstrap, pod.bootstrap());
    List<String> words =
        new ArrayList<>(
            List.of("--config=" + bootstrap, "--last-good=" + pod.folder().resolve("last-good")));
    words.addAll(pod.sidecar());
    return dev.weir.sidecar.Main.serve(words.toArray(String[]::new));
  }
}
