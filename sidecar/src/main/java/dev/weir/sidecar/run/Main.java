package dev.weir.sidecar.run;

import dev.weir.cli.Program;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The command line of {@code weir run}: what it comes to goes to the launcher. */
public final class Main {
  /** The launcher reads it. */
  private static final String PLAN = "/proc/self/fd/4";

  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err, PLAN));
  }

  static int run(String[] words, PrintStream out, PrintStream err, String plan) {
    return Arguments.program()
        .run(
            words,
            out,
            err,
            values -> {
              Arguments arguments = Arguments.of(values, System::getenv);
              for (PublishedPort port : arguments.published()) {
                Publish.check(port);
              }
              try (OutputStream launcher = new FileOutputStream(plan)) {
                write(arguments, launcher);
              }
              return Program.OK;
            });
  }

  /** {@code key=value}, each with a NUL behind it. */
  private static void write(Arguments arguments, OutputStream launcher) throws IOException {
    StringBuilder plan = new StringBuilder();
    item(plan, "config", arguments.config().toString());
    item(plan, "service", arguments.service());
    arguments
        .proof()
        .map(proof -> proof.holder().namespace())
        .or(arguments::namespace)
        .ifPresent(namespace -> item(plan, "namespace", namespace));
    arguments.controlPlane().ifPresent(address -> item(plan, "control_plane", address));
    arguments
        .proof()
        .ifPresent(proof -> {
          item(plan, "option", "--roots=" + proof.roots());
          item(plan, "option", "--token=" + proof.token());
        });
    item(plan, "isolated", arguments.isolated() ? "yes" : "");
    item(plan, "option", "--restart=" + arguments.restart());
    item(plan, "option", "--stop-grace=" + arguments.grace().toMillis() + "ms");
    arguments.published().forEach(port -> item(plan, "publish", port.toString()));
    arguments.published().forEach(port -> item(plan, "option", "--published=" + port.app()));
    arguments.variables().forEach((key, value) -> item(plan, "variable", key + "=" + value));
    launcher.write(plan.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void item(StringBuilder plan, String key, String value) {
    plan.append(key).append('=').append(value).append('\0');
  }
}
