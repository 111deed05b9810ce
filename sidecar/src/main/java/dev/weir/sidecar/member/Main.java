package dev.weir.sidecar.member;

import dev.weir.sidecar.intercept.DefaultRules;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * Writes what a member needs into its folder: {@code hosts}, {@code bootstrap.yaml}, {@code
 * rules.nft}.
 */
@Command(
    name = "member",
    mixinStandardHelpOptions = true,
    description = "Prepares a member of the mesh, for weir run.")
public final class Main implements Callable<Integer> {
  private static final Path HOSTS = Path.of("/etc/hosts");

  @Option(names = "--service", required = true, description = "NAME or NAMESPACE/NAME.")
  private String service;

  @Option(names = "--namespace", description = "Default: the only one that has such a service.")
  private @Nullable String namespace;

  @Option(names = "--name", required = true, description = "The instance's name.")
  private String name;

  @Option(names = "--address", required = true, description = "Where the instance is reached.")
  private String address;

  @Option(names = "--control-plane", required = true, description = "Where ADS is, ADDRESS:PORT.")
  private String controlPlane;

  @Option(
      names = "--services",
      required = true,
      description = "The control plane's page of services.")
  private URI services;

  @Option(names = "--kept", required = true, description = "Where that page is kept.")
  private Path kept;

  @Option(names = "--folder", required = true, description = "Where the files go.")
  private Path folder;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
  Main() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler((exception, line, parsed) -> {
          line.getErr().println("weir run: " + exception.getMessage());
          return ExitCode.SOFTWARE;
        });
  }

  @Override
  public Integer call() throws IOException {
    List<Service> all = new Services(services, kept).read();
    Service own = ServiceName.parse(service, Optional.ofNullable(namespace)).in(all);
    String before = Files.exists(HOSTS) ? Files.readString(HOSTS) : "";
    Files.writeString(folder.resolve("hosts"), HostsFile.write(own, all, before));
    Files.writeString(
        folder.resolve("bootstrap.yaml"),
        MemberBootstrap.write(name, own, address, socketAddress(controlPlane)));
    Files.writeString(folder.resolve("rules.nft"), DefaultRules.script());
    return ExitCode.OK;
  }

  private static InetSocketAddress socketAddress(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }
}
