package dev.weir.control.cli;

import dev.weir.control.json.Json;
import dev.weir.control.link.Linked;
import dev.weir.control.model.MeshModel;
import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.reader.Finding;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir check DIR}: says what the control plane would say of a folder. */
@Command(
    description = "Check the resources in a folder, as the control plane reads them.",
    mixinStandardHelpOptions = true,
    versionProvider = PlainCommandLine.Version.class,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:nothing is wrong",
      "1:there are errors, or there is nothing to check",
      "2:wrong usage"
    })
public final class Check implements Callable<Integer> {
  @Spec private CommandSpec spec;

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
  private Check() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return PlainCommandLine.of(new Check(), "weir check", () -> false);
  }

  @Override
  public Integer call() {
    if (!Files.isDirectory(folder)) {
      throw new ParameterException(spec.commandLine(), folder + " is not a folder");
    }
    Linked linked = new FolderSource(folder, Clock.system(ZoneId.systemDefault())).scan();
    List<Finding> findings = linked.findings();
    PrintWriter out = spec.commandLine().getOut();
    long errors = findings.stream().filter(Finding::isError).count();
    switch (output) {
      case text -> text(linked.model(), findings, errors, out);
      case json -> out.print(Json.print(findings.stream().map(Finding::fields).toList()));
    }
    out.flush();
    return errors == 0 ? 0 : 1;
  }

  private static void text(MeshModel model, List<Finding> findings, long errors, PrintWriter out) {
    findings.forEach(out::println);
    int policies = model.resilience().size() + model.rateLimits().size() + model.telemetry().size();
    out.printf(
        "%s, %s, %s on targets: %s%n",
        counted(model.services().size(), "service", "services"),
        counted(model.routes().size(), "route", "routes"),
        counted(policies, "policy", "policies"),
        errors == 0 ? "no errors" : counted(errors, "error", "errors"));
  }

  private static String counted(long number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }
}
