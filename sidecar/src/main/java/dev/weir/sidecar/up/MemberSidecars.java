package dev.weir.sidecar.up;

import dev.weir.cli.Durations;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.WrongUsage;
import dev.weir.cli.story.Explain;
import dev.weir.cli.story.Graph;
import dev.weir.cli.story.Sidecars;
import dev.weir.cli.story.Tap;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/**
 * {@code weir explain}, {@code tap}, {@code graph} and {@code top} of the mesh of a folder: the
 * sidecars of its members.
 *
 * @param only of this service or instance; empty: of all
 */
record MemberSidecars(Folders folders, Optional<String> only) implements Sidecars {
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
        new MemberSidecars(folders, Optional.empty()),
        values.operandIfGiven(0),
        Output.of(values),
        out,
        err);
  }

  static int tap(Values values, Folders folders, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    Duration limit = values.value("for", Durations::parse).orElse(Duration.ZERO);
    return Tap.run(
        new MemberSidecars(folders, values.operandIfGiven(0)),
        Tap.Wanted.of(values),
        limit,
        out,
        err);
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
    return Graph.run(
        new MemberSidecars(folders, Optional.empty()), Graph.Wanted.of(values), out, err);
  }

  static int top(Values values, Folders folders, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    return Graph.top(
        new MemberSidecars(folders, Optional.empty()),
        Graph.WantedTop.of(values),
        Main.colours(),
        out,
        err);
  }

  private List<MeshFolder.Member> members() throws IOException {
    return folders.mesh().members().stream()
        .filter(member ->
            only.isEmpty() || member.name().matches(Pattern.quote(only.get()) + "(-[0-9]+)?"))
        .toList();
  }

  @Override
  public List<String> names() throws IOException {
    List<String> names = members().stream().map(MeshFolder.Member::name).toList();
    if (names.isEmpty()) {
      throw new IOException(
          "no %s runs in the mesh of %s"
              .formatted(
                  only.map(name -> "instance of " + name).orElse("member"), folders.config()));
    }
    return names;
  }

  @Override
  public String page(String name, String path) throws IOException {
    for (MeshFolder.Member member : members()) {
      if (member.name().equals(name)) {
        return member.admin(path);
      }
    }
    throw new IOException("it has ended");
  }
}
