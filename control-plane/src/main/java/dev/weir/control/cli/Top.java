package dev.weir.control.cli;

import dev.weir.cli.Program;
import dev.weir.cli.Version;
import java.io.Console;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** {@code weir top} of a cluster: the edges of the mesh that fail first. */
public final class Top {
  private Top() {}

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
              dev.weir.cli.story.Graph.WantedTop wanted =
                  dev.weir.cli.story.Graph.WantedTop.of(values);
              return AllSidecars.ask(
                  values,
                  Optional.empty(),
                  sidecars ->
                      dev.weir.cli.story.Graph.top(sidecars, wanted, isTerminal(), out, err));
            });
  }

  @SuppressWarnings("SystemConsoleNull") // of JDK 25 it is null again where there is no terminal
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  static Program program() {
    return new Program(
        "weir top",
        dev.weir.cli.story.Graph.TOP_DESCRIPTION,
        new Version("weir", Top.class),
        ClusterOptions.and(dev.weir.cli.story.Graph.optionsOfTop().toArray(Option[]::new)),
        dev.weir.cli.story.Graph.operands(),
        List.of("done", "it could not be done", "wrong usage"));
  }
}
