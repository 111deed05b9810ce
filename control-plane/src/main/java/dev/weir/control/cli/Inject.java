package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.InstalledInjection;
import dev.weir.control.injector.Injection;
import dev.weir.control.injector.InjectionValues;
import dev.weir.control.injector.Manifests;
import dev.weir.protos.yaml.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/** {@code weir inject -f FILE}: prints resources with the sidecar in their pods. */
public final class Inject {
  private static final Injection DEFAULT = Injection.DEFAULT;

  private static final String NATIVE =
      "an app's own init containers are redirected too, and reach nobody before there is a sidecar";

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
            + " there: for a cluster without the webhook, or to see what it does. What the webhook of"
            + " a cluster is told is taken from there (-k, --kubeconfig, --context) or from a file"
            + " (--injection); an option beside it says otherwise.",
        new Version("weir", Inject.class),
        Stream.concat(ClusterOptions.which(), Stream.of(options())).toList(),
        List.of(new Operand("[FILE]...", "YAML or JSON; - reads what is piped in.")),
        List.of(
            "done",
            "a file cannot be read, or a resource in it is malformed: the others are printed; or the"
                + " cluster cannot be asked",
            "wrong usage"));
  }

  private static Option[] options() {
    return new Option[] {
      Option.builder("f")
          .longOpt("filename")
          .argName("FILE")
          .hasArg()
          .desc("The same as FILE; may be there more than once.")
          .get(),
      Options.optional(
          "injection",
          "FILE",
          "What the webhook is told: injection.yaml of the chart's ConfigMap weir-injection."),
      Options.optional(
          "revision", "NAME", "Of the cluster's installations the one of this revision."),
      option("image", "IMAGE", "Of the sidecar", DEFAULT.image()),
      option("image-pull-policy", "POLICY", "As Kubernetes has it", DEFAULT.imagePullPolicy()),
      option("control-plane", "HOST:PORT", "Of xDS and the CA", DEFAULT.controlPlane()),
      option("trust-domain", "NAME", "Of the mesh", DEFAULT.trustDomain()),
      option("profile", "PROFILE", "default or edge", DEFAULT.profile()),
      Options.flag(
          "classic",
          "A container beside the app's, where native sidecars are switched off or forbidden: the"
              + " app does not wait for it, and Jobs do not end."),
      Options.flag(
          "cni",
          "No init container: the CNI plugin of the pods' nodes redirects their connections"
              + " (cni.enabled of the chart).")
    };
  }

  private static Option option(String name, String value, String what, String otherwise) {
    return Options.optional(name, value, what + " (default: " + otherwise + ").");
  }

  private static int inject(Values values, InputStream in, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    List<String> files =
        Stream.concat(
                values.each("filename", Function.identity()).stream(),
                values.operandsFrom(0).stream())
            .toList();
    if (files.isEmpty()) {
      throw new WrongUsage("give a FILE, or - for what is piped in");
    }
    AtomicBoolean failed = new AtomicBoolean();
    Consumer<String> told = line -> err.println("weir inject: " + line);
    Consumer<String> wrong =
        line -> {
          failed.set(true);
          told.accept(line);
        };
    Manifests manifests = new Manifests(injection(values), told, wrong);
    for (String file : files) {
      text(file, in, wrong).ifPresent(text -> out.print(manifests.inject(file, text)));
    }
    return failed.get() ? Program.FAILED : Program.OK;
  }

  private static Optional<String> text(String file, InputStream in, Consumer<String> wrong)
      throws IOException {
    if (file.equals("-")) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    Path path = Path.of(file);
    if (Files.isDirectory(path)) {
      wrong.accept(file + ": is a folder; name its files, as " + file + "/*.yaml");
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(path));
    } catch (CharacterCodingException e) {
      wrong.accept(file + ": is no text in UTF-8");
    } catch (NoSuchFileException e) {
      wrong.accept(file + ": is not there");
    } catch (IOException e) {
      wrong.accept(file + ": cannot be read: " + e.getMessage());
    }
    return Optional.empty();
  }

  /** What the webhook is told, with what the command line says otherwise. */
  private static Injection injection(Values values) throws WrongUsage, IOException {
    Injection told = told(values);
    if (values.given("classic") && values.given("cni")) {
      throw new WrongUsage("--cni: not with --classic: " + NATIVE);
    }
    if (values.given("classic") && told.interception() == Injection.Interception.CNI) {
      throw new WrongUsage(
          "--classic: the webhook injects for the CNI plugin, which is not with it: " + NATIVE);
    }
    if (values.given("cni") && !told.nativeSidecar()) {
      throw new WrongUsage(
          "--cni: the webhook injects classic sidecars, with which it is not: " + NATIVE);
    }
    return told.with(
        values.value("image", InjectionValues::image).orElse(told.image()),
        values
            .value("image-pull-policy", InjectionValues::pullPolicy)
            .orElse(told.imagePullPolicy()),
        values.value("control-plane", InjectionValues::controlPlane).orElse(told.controlPlane()),
        values.value("trust-domain", InjectionValues::trustDomain).orElse(told.trustDomain()),
        values.value("profile", InjectionValues::profile).orElse(told.profile()),
        told.nativeSidecar() && !values.given("classic"),
        values.given("cni") ? Injection.Interception.CNI : told.interception());
  }

  private static Injection told(Values values) throws WrongUsage, IOException {
    Optional<String> file = values.text("injection");
    Optional<String> revision = values.text("revision");
    boolean cluster = ClusterOptions.elsewhere(values);
    if (file.isPresent() && cluster) {
      throw new WrongUsage("--injection: not with a cluster, which has its own");
    }
    if (revision.isPresent() && !cluster) {
      throw new WrongUsage("--revision: of which cluster? give -k, --kubeconfig or --context");
    }
    if (cluster) {
      return ClusterOptions.ask(values, asked -> of(asked, revision));
    }
    if (file.isEmpty()) {
      return DEFAULT;
    }
    try {
      return Injection.read(file.get(), read(Path.of(file.get())));
    } catch (IllegalArgumentException e) {
      throw new WrongUsage("--injection: " + e.getMessage());
    }
  }

  private static Injection of(Cluster cluster, Optional<String> revision) throws IOException {
    try {
      return InstalledInjection.of(cluster.client(), revision)
          .orElseThrow(() ->
              new IOException(
                  "the cluster at %s has no ConfigMap %s/%s, which the chart makes: install Weir,"
                          .formatted(
                              cluster.describe(), Cluster.SYSTEM, InstalledInjection.name(revision))
                      + " or say with --injection FILE what is to be injected"));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static String read(Path file) throws WrongUsage, IOException {
    if (!Files.isReadable(file)) {
      throw new WrongUsage(file + " cannot be read");
    }
    try {
      return TextFile.read(file);
    } catch (TextFile.NotUtf8 e) {
      throw new WrongUsage(file + ":" + e.line() + ": is not UTF-8");
    }
  }
}
