package dev.weir.testkit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Real Prometheus, which says whether our metrics and the rules on them are right. */
public final class PrometheusPrograms {
  private PrometheusPrograms() {}

  /** In the folder that the environment's {@code WEIR_PROMETHEUS} names, or on the path. */
  public static Path find(String name) {
    String named = System.getenv("WEIR_PROMETHEUS");
    String path = System.getenv("PATH");
    return Stream.concat(
            Stream.ofNullable(named),
            Stream.of((path == null ? "" : path).split(File.pathSeparator)))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new AssertionError(
                "no "
                    + name
                    + ": install Debian's package prometheus, or name a folder that has it in"
                    + " WEIR_PROMETHEUS, or leave these tests out with"
                    + " -Dweir.test.excluded=mutants,prometheus"));
  }
}
