package dev.weir.sidecar.up;

import dev.weir.cli.Durations;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.WrongUsage;
import dev.weir.cli.mesh.FolderSidecars;
import dev.weir.cli.story.Explain;
import dev.weir.cli.story.Graph;
import dev.weir.cli.story.Sidecars;
import dev.weir.cli.story.Tap;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/** {@code weir explain}, {@code tap}, {@code graph} and {@code top} of the mesh of a folder. */
final class MemberSidecars {
  private MemberSidecars() {}

  static Program explain() {
    return Main.program(
        "explain",
        Explain.DESCRIPTION,
        List.of(Main.config(), Output.option()),
        Explain.operands());
  }

  static Program tap() {
    return Main.program("tap", Tap.DESCRIPTION, with(Tap.options()), Tap.operands());
  }

  static int explain(Values values, Folders folders, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    return Explain.run(
        of(folders, Optional.empty()), values.operandIfGiven(0), Output.of(values), out, err);
  }

  static int tap(Values values, Folders folders, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    Duration limit = values.value("for", Durations::parse).orElse(Duration.ZERO);
    return Tap.run(of(folders, values.operandIfGiven(0)), Tap.Wanted.of(values), limit, out, err);
  }

  static Program graph() {
    return Main.program("graph", Graph.DESCRIPTION, with(Graph.options()), Graph.operands());
  }

  static Program top() {
    return Main.program("top", Graph.TOP_DESCRIPTION, with(Graph.optionsOfTop()), Graph.operands());
  }

  private static List<Option> with(List<Option> options) {
    return Stream.concat(Stream.of(Main.config()), options.stream()).toList();
  }

  static int graph(Values values, Folders folders, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    return Graph.run(of(folders, Optional.empty()), Graph.Wanted.of(values), out, err);
  }

  static int top(Values values, Folders folders, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    return Graph.top(
        of(folders, Optional.empty()), Graph.WantedTop.of(values), Main.colours(), out, err);
  }

  private static Sidecars of(Folders folders, Optional<String> only) {
    return new FolderSidecars(folders.config(), folders.mesh(), only);
  }
}
