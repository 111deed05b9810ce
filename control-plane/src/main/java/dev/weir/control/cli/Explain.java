package dev.weir.control.cli;

import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Version;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/** {@code weir explain} of a cluster: why one request went as it did. */
public final class Explain {
  private Explain() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program()
        .run(
            words,
            out,
            err,
            values -> {
              Output output = Output.of(values);
              return AllSidecars.ask(
                  values,
                  Optional.empty(),
                  sidecars ->
                      dev.weir.cli.story.Explain.run(
                          sidecars, values.operandIfGiven(0), output, out, err));
            });
  }

  static Program program() {
    return new Program(
        "weir explain",
        dev.weir.cli.story.Explain.DESCRIPTION,
        new Version("weir", Explain.class),
        ClusterOptions.and(Output.option()),
        dev.weir.cli.story.Explain.operands(),
        List.of("done", "it could not be done", "wrong usage"));
  }
}
