package dev.weir.control.cli;

import dev.weir.cli.Program;
import dev.weir.cli.Version;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** {@code weir graph} of a cluster: who calls whom. */
public final class Graph {
  private Graph() {}

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
              dev.weir.cli.story.Graph.Wanted wanted = dev.weir.cli.story.Graph.Wanted.of(values);
              return AllSidecars.ask(
                  values,
                  Optional.empty(),
                  sidecars -> dev.weir.cli.story.Graph.run(sidecars, wanted, out, err));
            });
  }

  static Program program() {
    return new Program(
        "weir graph",
        dev.weir.cli.story.Graph.DESCRIPTION,
        new Version("weir", Graph.class),
        ClusterOptions.and(dev.weir.cli.story.Graph.options().toArray(Option[]::new)),
        dev.weir.cli.story.Graph.operands(),
        List.of("done", "it could not be done", "wrong usage"));
  }
}
