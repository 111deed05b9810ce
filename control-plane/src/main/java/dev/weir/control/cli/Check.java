package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.model.MeshModel;
import dev.weir.control.source.Source;
import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.file.TextSource;
import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.control.source.reader.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/**
 * {@code weir check [PATH...]}: says what the control plane would say of folders and files, or says
 * of a cluster, or would say of it with these files applied.
 */
public final class Check {
  /** In what is said of a reference that leads nowhere. */
  private static final String MISSING = " does not exist";

  private static final String PIPED = "-";
  private static final int MOST_BYTES = 16 << 20;

  private Check() {}

  public static void main(String[] words) {
    System.exit(run(words, System.getenv(), System.in, System.out, System.err));
  }

  /**
   * @param environment by which a cluster may be known
   * @param in what is piped in
   */
  static int run(
      String[] words,
      Map<String, String> environment,
      InputStream in,
      PrintStream out,
      PrintStream err) {
    return program().run(words, out, err, values -> check(values, environment, in, out));
  }

  static Program program() {
    return new Program(
        "weir check",
        "Check the resources in folders and files, or in a cluster, as the control plane reads"
            + " them. Files and a cluster (-k): what would be wrong if they were applied.",
        new Version("weir", Check.class),
        ClusterOptions.and(
            Output.option(),
            Option.builder("f")
                .longOpt("filename")
                .argName("PATH")
                .hasArg()
                .desc("The same as PATH; may be there more than once.")
                .get()),
        List.of(
            new Operand(
                "[PATH]...",
                "A folder of YAML and JSON files, or a file, or - for what is piped in; several are"
                    + " one mesh together, and what one refers to must be in one of them. Without"
                    + " any: the cluster.")),
        List.of(
            "nothing is wrong", "there are errors, or there is nothing to check", "wrong usage"));
  }

  private static int check(
      Values values, Map<String, String> environment, InputStream in, PrintStream out)
      throws WrongUsage, IOException {
    Output output = Output.of(values);
    List<String> paths =
        Stream.concat(
                values.each("filename", Function.identity()).stream(),
                values.operandsFrom(0).stream())
            .toList();
    Clock clock = Clock.system(ZoneId.systemDefault());
    List<Source> files = new ArrayList<>();
    for (String path : paths) {
      files.add(source(path, in, clock));
    }
    if (!ClusterOptions.given(values) && !paths.isEmpty()) {
      Linked linked = new Sources(files, clock.getZone()).scan();
      return told(hinting(linked, paths), output, out);
    }
    if (!ClusterOptions.given(values) && !KubernetesClients.isKnown(environment)) {
      throw new WrongUsage(
          "Missing required parameter: 'PATH'; or which cluster, by --kubeconfig or $KUBECONFIG"
              + KubernetesClients.missing(environment).map(what -> ": " + what).orElse(""));
    }
    Optional<String> namespace = ClusterOptions.namespace(values);
    Linked linked =
        ClusterOptions.ask(values, cluster -> ClusterLink.with(cluster.client(), files, clock));
    return told(of(namespace, linked), output, out);
  }

  /** What a file refers to may be in those beside it, which nobody has named. */
  private static Linked hinting(Linked linked, List<String> named) {
    List<Path> paths = named.stream().filter(path -> !path.equals(PIPED)).map(Path::of).toList();
    if (paths.isEmpty() || paths.stream().anyMatch(Files::isDirectory)) {
      return linked;
    }
    Path beside = paths.getFirst().getParent();
    String hint =
        "If it is in a file beside, check the folder: weir check "
            + (beside == null ? "." : beside);
    return linked.with(
        linked.findings().stream()
            .map(finding -> finding.message().contains(MISSING) ? finding.adding(hint) : finding)
            .toList());
  }

  private static Source source(String path, InputStream in, Clock clock)
      throws WrongUsage, IOException {
    if (path.equals(PIPED)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException("what is piped in has more than " + MOST_BYTES + " bytes; part it");
      }
      return new TextSource(PIPED, new String(bytes, StandardCharsets.UTF_8), clock);
    }
    if (!Files.isDirectory(Path.of(path)) && !Files.isRegularFile(Path.of(path))) {
      throw new WrongUsage(path + " is neither a folder nor a file");
    }
    return new FolderSource(Path.of(path).normalize(), clock);
  }

  /** What is about a namespace, or about nothing that has one. */
  private static Linked of(Optional<String> namespace, Linked linked) {
    if (namespace.isEmpty()) {
      return linked;
    }
    List<Finding> findings = new ArrayList<>(linked.findings());
    findings.removeIf(finding ->
        !finding.resource().isEmpty() && !finding.resource().contains(" " + namespace.get() + "/"));
    return linked.with(findings);
  }

  private static int told(Linked linked, Output output, PrintStream out) {
    List<Finding> findings = linked.findings();
    long errors = findings.stream().filter(Finding::isError).count();
    List<String> lines = new ArrayList<>(findings.stream().map(Finding::toString).toList());
    lines.add(summary(linked.model(), findings.size() - errors, errors));
    output.print(findings.stream().map(Finding::fields).toList(), lines, out);
    return errors == 0 ? Program.OK : Program.FAILED;
  }

  private static String summary(MeshModel model, long warnings, long errors) {
    return "%s, %s, %s on targets: %s%s"
        .formatted(
            counted(model.services().size(), "service", "services"),
            counted(model.routes().size() + model.streams().size(), "route", "routes"),
            counted(model.policies().size(), "policy", "policies"),
            errors == 0 ? "no errors" : counted(errors, "error", "errors"),
            warnings == 0 ? "" : ", " + counted(warnings, "warning", "warnings"));
  }

  private static String counted(long number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }
}
