package dev.weir.sidecar.mutants;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/** Lets a JVM change its classes. */
public final class Agent {
  private static @Nullable Instrumentation instrumentation;

  private Agent() {}

  /** Called by the JVM. */
  public static void premain(String arguments, Instrumentation given) {
    instrumentation = given;
  }

  static Instrumentation instrumentation() {
    return Objects.requireNonNull(instrumentation, "the JVM has no -javaagent");
  }

  /** A jar for {@code -javaagent}: it names this class, which is found on the class path. */
  static void writeJar(Path to) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.putValue("Premain-Class", Agent.class.getName());
    main.putValue("Can-Redefine-Classes", "true");
    try (OutputStream out = Files.newOutputStream(to)) {
      new JarOutputStream(out, manifest).close();
    }
  }
}
