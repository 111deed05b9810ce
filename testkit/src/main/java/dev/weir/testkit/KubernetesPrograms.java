package dev.weir.testkit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The programs of a real Kubernetes. */
public final class KubernetesPrograms {
  private static final String VERSION = "1.34.4";

  private KubernetesPrograms() {}

  /**
   * In the folder that the environment's {@code WEIR_KUBERNETES} names, or where {@code
   * e2e/kubernetes/build.sh} puts them; or on the path, as etcd is.
   */
  public static Path find(String name) {
    String named = System.getenv("WEIR_KUBERNETES");
    Path built =
        named != null
            ? Path.of(named)
            : Path.of(System.getProperty("user.home"), ".cache/weir-k8s", VERSION);
    String path = System.getenv("PATH");
    return Stream.concat(
            Stream.of(built),
            Stream.of((path == null ? "" : path).split(File.pathSeparator)).map(Path::of))
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new AssertionError(
                "no "
                    + name
                    + ": run e2e/kubernetes/build.sh, or leave these tests out with"
                    + " -Dweir.test.excluded=mutants,kubernetes"));
  }
}
