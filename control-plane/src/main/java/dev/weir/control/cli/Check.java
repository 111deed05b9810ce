package dev.weir.control.cli;

import dev.weir.control.json.Json;
import dev.weir.control.source.Linked;
import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.reader.Finding;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code check DIR}: says what the control plane would say of a folder. */
@Command(
    name = "check",
    description = "Check the resources in a folder, as the control plane reads them.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:nothing is wrong", "1:there are errors", "2:wrong usage"})
public final class Check implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  @SuppressWarnings("UnusedVariable") // picocli looks at the annotation
  private boolean help;

  @Parameters(paramLabel = "DIR", description = "The folder of YAML and JSON files.")
  private Path folder;

  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private Output output = Output.text;

  /** The forms of the answer, as they are written on the command line. */
  enum Output {
    text,
    json
  }

  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
  public Check() {}

  @Override
  public Integer call() {
    if (!Files.isDirectory(folder)) {
      throw new ParameterException(spec.commandLine(), folder + " is not a folder");
    }
    Linked linked = new FolderSource(folder, Clock.system(ZoneId.systemDefault())).scan();
    PrintWriter out = spec.commandLine().getOut();
    long errors = linked.findings().stream().filter(Finding::isError).count();
    switch (output) {
      case text -> text(linked, errors, out);
      case json -> out.print(Json.print(linked.findings().stream().map(Finding::fields).toList()));
    }
    out.flush();
    return errors == 0 ? 0 : 1;
  }

  private static void text(Linked linked, long errors, PrintWriter out) {
    linked.findings().forEach(out::println);
    out.printf(
        "%d services, %d routes, %d policies on targets: %s%n",
        linked.model().services().size(),
        linked.model().routes().size(),
        linked.model().resilience().size()
            + linked.model().rateLimits().size()
            + linked.model().telemetry().size(),
        errors == 0 ? "no errors" : errors == 1 ? "1 error" : errors + " errors");
  }
}
