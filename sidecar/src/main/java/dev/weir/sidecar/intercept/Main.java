package dev.weir.sidecar.intercept;

import dev.weir.cli.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;

/** {@code weir intercept}. */
public final class Main {
  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return Arguments.program()
        .run(words, out, err, values -> write(Arguments.of(values), out, err));
  }

  private static int write(Arguments arguments, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    String script = arguments.redirect().map(RuleScript::write).orElseGet(RuleScript::remove);
    if (arguments.dryRun()) {
      out.print(script);
      return Program.OK;
    }
    Optional<String> problem = new Nft("nft", arguments.namespace()).apply(script);
    problem.ifPresent(line -> err.println("weir intercept: " + line));
    return problem.isEmpty() ? Program.OK : Program.FAILED;
  }
}
