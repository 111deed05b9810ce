package dev.weir.sidecar.member;

import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.sidecar.intercept.DefaultRules;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.Option;

/**
 * Writes what a member needs into its folder: {@code hosts}, {@code bootstrap.yaml}, {@code
 * rules.nft}. People know it as a part of {@code weir run}.
 */
public final class Main {
  private static final Path HOSTS = Path.of("/etc/hosts");

  /**
   * @param service NAME or NAMESPACE/NAME
   * @param name the instance's
   * @param services the control plane's page of services
   * @param kept where that page is kept
   */
  private record Arguments(
      ServiceName service,
      String name,
      String address,
      InetSocketAddress controlPlane,
      URI services,
      Path kept,
      Path folder) {
    static Arguments of(Values values) throws WrongUsage {
      return new Arguments(
          ServiceName.parse(values.required("service"), values.text("namespace")),
          values.required("name"),
          values.required("address"),
          values.address("control-plane").orElseThrow(),
          values.value("services", URI::create).orElseThrow(),
          Path.of(values.required("kept")),
          Path.of(values.required("folder")));
    }
  }

  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> prepare(Arguments.of(values), err));
  }

  private static Program program() {
    return new Program(
        "member",
        "Prepares a member of the mesh, for weir run.",
        new Version("weir member", Main.class),
        List.of(
            required("service", "NAME", "NAME or NAMESPACE/NAME."),
            Option.builder()
                .longOpt("namespace")
                .argName("NAMESPACE")
                .hasArg()
                .desc("Default: the only one that has such a service.")
                .get(),
            required("name", "NAME", "The instance's name."),
            required("address", "ADDRESS", "Where the instance is reached."),
            required("control-plane", "ADDRESS:PORT", "Where ADS is."),
            required("services", "URI", "The control plane's page of services."),
            required("kept", "FILE", "Where that page is kept."),
            required("folder", "DIR", "Where the files go.")),
        List.of(),
        List.of());
  }

  private static Option required(String name, String value, String description) {
    return Option.builder()
        .longOpt(name)
        .argName(value)
        .hasArg()
        .required()
        .desc(description)
        .get();
  }

  private static int prepare(Arguments arguments, PrintStream err) {
    try {
      write(arguments);
      return Program.OK;
    } catch (IOException | IllegalArgumentException e) {
      err.println("weir run: " + e.getMessage());
      return Program.FAILED;
    }
  }

  private static void write(Arguments arguments) throws IOException {
    List<Service> all = new Services(arguments.services(), arguments.kept()).read();
    Service own = arguments.service().in(all);
    String before = Files.exists(HOSTS) ? Files.readString(HOSTS) : "";
    Path folder = arguments.folder();
    Files.writeString(folder.resolve("hosts"), HostsFile.write(own, all, before));
    Files.writeString(
        folder.resolve("bootstrap.yaml"),
        MemberBootstrap.write(
            arguments.name(), own, arguments.address(), arguments.controlPlane()));
    Files.writeString(folder.resolve("rules.nft"), DefaultRules.script());
  }
}
