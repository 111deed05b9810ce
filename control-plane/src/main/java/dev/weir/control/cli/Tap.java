package dev.weir.control.cli;

import dev.weir.cli.Durations;
import dev.weir.cli.Program;
import dev.weir.cli.Version;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.apache.commons.cli.Option;

/** {@code weir tap} of a cluster: requests as they end. */
public final class Tap {
  private Tap() {}

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
              Duration limit = values.value("for", Durations::parse).orElse(Duration.ZERO);
              dev.weir.cli.story.Tap.Wanted wanted = dev.weir.cli.story.Tap.Wanted.of(values);
              return AllSidecars.ask(
                  values,
                  values.operandIfGiven(0),
                  sidecars -> dev.weir.cli.story.Tap.run(sidecars, wanted, limit, out, err));
            });
  }

  static Program program() {
    return new Program(
        "weir tap",
        dev.weir.cli.story.Tap.DESCRIPTION,
        new Version("weir", Tap.class),
        ClusterOptions.and(dev.weir.cli.story.Tap.options().toArray(Option[]::new)),
        dev.weir.cli.story.Tap.operands(),
        List.of("done", "it could not be done", "wrong usage"));
  }
}
