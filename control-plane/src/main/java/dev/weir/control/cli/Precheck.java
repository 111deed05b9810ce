package dev.weir.control.cli;

import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Table;
import dev.weir.cli.Version;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.precheck.Prechecks;
import dev.weir.control.precheck.Verdict;
import dev.weir.control.precheck.Verdict.Level;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@code weir precheck}: whether Weir can be installed in a cluster. */
public final class Precheck {
  private Precheck() {}

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
              return ClusterOptions.ask(values, cluster -> show(cluster, output, out));
            });
  }

  static Program program() {
    return new Program(
        "weir precheck",
        "Shows whether Weir can be installed in a cluster: a line for each thing that it needs.",
        new Version("weir", Precheck.class),
        Stream.concat(ClusterOptions.which(), Stream.of(Output.option())).toList(),
        List.of(),
        List.of(
            "it can, whatever the warnings", "it cannot, or nobody can be asked", "wrong usage"));
  }

  private static int show(Cluster cluster, Output output, PrintStream out) {
    List<Verdict> verdicts = Prechecks.of(cluster.client());
    List<List<String>> rows = new ArrayList<>();
    verdicts.forEach(one -> rows.add(List.of(one.level().toString(), one.subject(), one.text())));
    output.print(verdicts.stream().map(Verdict::fields).toList(), Table.lines(rows), out);
    return verdicts.stream().anyMatch(one -> one.level() == Level.FAILURE)
        ? Program.FAILED
        : Program.OK;
  }
}
