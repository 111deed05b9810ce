package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.injector.Injection;
import dev.weir.control.injector.Manifests;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.Option;

/** {@code weir inject FILE...}: prints resources with the sidecar in their pods. */
public final class Inject {
  private static final Injection DEFAULT = Injection.DEFAULT;

  private Inject() {}

  public static void main(String[] words) {
    System.exit(run(words, System.in, System.out, System.err));
  }

  static int run(String[] words, InputStream in, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> inject(values, in, out, err));
  }

  private static Program program() {
    return new Program(
        "weir inject",
        "Print resources of Kubernetes with the sidecar in their pods, as the webhook would put it"
            + " there: for a cluster without the webhook, or to see what it does.",
        new Version("weir", Inject.class),
        List.of(
            option("image", "IMAGE", "Of the sidecar", DEFAULT.image()),
            option(
                "image-pull-policy", "POLICY", "As Kubernetes has it", DEFAULT.imagePullPolicy()),
            option("control-plane", "HOST:PORT", "Of xDS and the CA", DEFAULT.controlPlane()),
            option("trust-domain", "NAME", "Of the mesh", DEFAULT.trustDomain()),
            option("profile", "PROFILE", "default or edge", DEFAULT.profile()),
            Option.builder()
                .longOpt("classic")
                .desc("A container beside the app's, for Kubernetes before 1.29.")
                .get(),
            Option.builder()
                .longOpt("cni")
                .desc(
                    "No init container: the CNI plugin of the pods' nodes redirects their"
                        + " connections (cni.enabled of the chart).")
                .get()),
        List.of(new Operand("FILE...", "YAML or JSON; - reads what is piped in.")),
        List.of("done", "a file cannot be read, or is no resource", "wrong usage"));
  }

  private static Option option(String name, String value, String what, String otherwise) {
    return Option.builder()
        .longOpt(name)
        .argName(value)
        .hasArg()
        .desc(what + " (default: " + otherwise + ").")
        .get();
  }

  private static int inject(Values values, InputStream in, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    if (values.given("classic") && values.given("cni")) {
      throw new WrongUsage(
          "--cni: not with --classic: an app's own init containers are redirected too, and reach"
              + " nobody before there is a sidecar");
    }
    Injection injection =
        DEFAULT.with(
            values.text("image").orElse(DEFAULT.image()),
            values.text("image-pull-policy").orElse(DEFAULT.imagePullPolicy()),
            values.text("control-plane").orElse(DEFAULT.controlPlane()),
            values.text("trust-domain").orElse(DEFAULT.trustDomain()),
            values.text("profile").orElse(DEFAULT.profile()),
            !values.given("classic"),
            values.given("cni") ? Injection.Interception.CNI : Injection.Interception.INIT);
    Manifests manifests = new Manifests(injection, line -> err.println("weir inject: " + line));
    for (String file : values.operandsFrom(0)) {
      String text =
          file.equals("-")
              ? new String(in.readAllBytes(), StandardCharsets.UTF_8)
              : read(Path.of(file));
      try {
        out.print(manifests.inject(file, text));
      } catch (IllegalArgumentException e) {
        err.println("weir inject: " + e.getMessage());
        return Program.FAILED;
      }
    }
    return Program.OK;
  }

  private static String read(Path file) throws WrongUsage, IOException {
    if (!Files.isReadable(file)) {
      throw new WrongUsage(file + " cannot be read");
    }
    return Files.readString(file);
  }
}
