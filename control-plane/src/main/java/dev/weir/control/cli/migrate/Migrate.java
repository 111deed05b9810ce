package dev.weir.control.cli.migrate;

import dev.weir.cli.Operand;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.protos.yaml.TextFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code weir migrate FILE...}: what resources of Istio and Linkerd say, in Weir's words. */
public final class Migrate {
  private Migrate() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  /** What is translated goes to {@code out}, and what is said of it to {@code err}. */
  public static int run(String[] words, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> migrate(values, out, err));
  }

  private static Program program() {
    return new Program(
        "weir migrate",
        "Print Gateway API's and Weir's resources for Istio's VirtualService, DestinationRule,"
            + " ServiceEntry, AuthorizationPolicy, PeerAuthentication and RequestAuthentication, and"
            + " Linkerd's ServiceProfile, HTTPRoute, Server, AuthorizationPolicy and"
            + " HTTPLocalRateLimitPolicy, and name what has no counterpart.",
        new Version("weir", Migrate.class),
        List.of(),
        List.of(
            new Operand(
                "FILE...",
                "Files of YAML or JSON, as kubectl get -o yaml writes them. With the Services and"
                    + " Deployments among them, ports are known, and what policies are for; what"
                    + " Weir reads itself is printed as it is.")),
        List.of(
            "all of it is translated",
            "something has no counterpart, or is wrong, or there is nothing to migrate",
            "wrong usage"));
  }

  private static int migrate(Values values, PrintStream out, PrintStream err)
      throws IOException, WrongUsage {
    Translation translation = new Translation();
    for (String word : values.operandsFrom(0)) {
      Path file = Path.of(word);
      if (!Files.isRegularFile(file)) {
        throw new WrongUsage(file + " is not a file");
      }
      translation.read(word, read(file));
    }
    Report report = translation.translate();
    out.print(translation.text());
    report.findings().forEach(err::println);
    if (translation.isNothing()) {
      err.println(
          "weir migrate: nothing in " + String.join(", ", values.operandsFrom(0)) + " to migrate");
      return Program.FAILED;
    }
    return report.complete() ? Program.OK : Program.FAILED;
  }

  private static String read(Path file) throws WrongUsage, IOException {
    try {
      return TextFile.read(file);
    } catch (TextFile.NotUtf8 e) {
      throw new WrongUsage(file + ":" + e.line() + ": is not UTF-8");
    }
  }
}
