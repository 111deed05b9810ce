package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.json.Json;
import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.model.MeshModel;
import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.reader.Finding;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import org.apache.commons.cli.Option;

/** {@code weir check PATH...}: says what the control plane would say of folders and files. */
public final class Check {
  /** The forms of the answer, as they are written on the command line. */
  private enum Output {
    text,
    json
  }

  private Check() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> check(values, out));
  }

  private static Program program() {
    return new Program(
        "weir check",
        "Check the resources in folders and files, as the control plane reads them.",
        new Version("weir", Check.class),
        List.of(
            Option.builder("o")
                .longOpt("output")
                .argName("FORMAT")
                .hasArg()
                .desc("text or json (default: text).")
                .get()),
        List.of(
            new Operand(
                "PATH...",
                "A folder of YAML and JSON files, or a file; several are one mesh together, and what"
                    + " one refers to must be in one of them.")),
        List.of(
            "nothing is wrong", "there are errors, or there is nothing to check", "wrong usage"));
  }

  private static int check(Values values, PrintStream out) throws WrongUsage {
    Output output = values.oneOf("output", Output.class).orElse(Output.text);
    List<Path> paths = values.operandsFrom(0).stream().map(Path::of).toList();
    for (Path path : paths) {
      if (!Files.isDirectory(path) && !Files.isRegularFile(path)) {
        throw new WrongUsage(path + " is neither a folder nor a file");
      }
    }
    Clock clock = Clock.system(ZoneId.systemDefault());
    Linked linked =
        new Sources(
                paths.stream().map(path -> new FolderSource(path.normalize(), clock)).toList(),
                clock.getZone())
            .scan();
    List<Finding> findings = linked.findings();
    long errors = findings.stream().filter(Finding::isError).count();
    switch (output) {
      case text -> text(linked.model(), findings, errors, out);
      case json -> out.print(Json.print(findings.stream().map(Finding::fields).toList()));
    }
    return errors == 0 ? Program.OK : Program.FAILED;
  }

  private static void text(MeshModel model, List<Finding> findings, long errors, PrintStream out) {
    findings.forEach(out::println);
    long warnings = findings.size() - errors;
    int policies = model.policies().size();
    out.printf(
        "%s, %s, %s on targets: %s%s%n",
        counted(model.services().size(), "service", "services"),
        counted(model.routes().size() + model.streams().size(), "route", "routes"),
        counted(policies, "policy", "policies"),
        errors == 0 ? "no errors" : counted(errors, "error", "errors"),
        warnings == 0 ? "" : ", " + counted(warnings, "warning", "warnings"));
  }

  private static String counted(long number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }
}
