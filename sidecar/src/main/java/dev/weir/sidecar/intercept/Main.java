package dev.weir.sidecar.intercept;

import dev.weir.sidecar.cli.UsageProblem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code weir intercept}. */
@Command(
    name = "weir intercept",
    mixinStandardHelpOptions = true,
    description =
        "Redirects the TCP connections of a network namespace to its sidecar, or ends that."
            + " Running it again replaces what it wrote before.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:done", "1:the rules could not be written", "2:wrong usage"})
public final class Main implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls
  private CommandSpec spec;

  @Option(names = "--remove", description = "Remove the rules.")
  private boolean remove;

  @Option(names = "--dry-run", description = "Print the script for nft and change nothing.")
  private boolean dryRun;

  @Option(
      names = "--netns",
      paramLabel = "PATH|PID",
      description = "The network namespace, by its file or by a process in it. Default: this one.")
  private @Nullable String netns;

  @Option(
      names = "--outbound-port",
      paramLabel = "PORT",
      defaultValue = "15001",
      description = "Where connections that begin here are sent (default: ${DEFAULT-VALUE}).")
  private int outboundPort;

  @Option(
      names = "--inbound-port",
      paramLabel = "PORT",
      defaultValue = "15006",
      description = "Where connections from elsewhere are sent (default: ${DEFAULT-VALUE}).")
  private int inboundPort;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      defaultValue = "15000",
      description = "The sidecar's admin port, never redirected (default: ${DEFAULT-VALUE}).")
  private int adminPort;

  @Option(
      names = "--mark",
      paramLabel = "N",
      defaultValue = "1337",
      description =
          "SO_MARK of the sidecar's own connections, which pass (default: ${DEFAULT-VALUE}).")
  private long mark;

  @Option(
      names = "--family",
      paramLabel = "FAMILY",
      defaultValue = "ipv4",
      description =
          "ipv4, ipv6 or dual: what is redirected; the rest passes (default: ${DEFAULT-VALUE}, where"
              + " the control plane's listeners listen).")
  private Redirect.Family family = Redirect.Family.ipv4;

  @Option(
      names = "--exclude-outbound-port",
      paramLabel = "PORT[-PORT]",
      split = ",",
      converter = PortRangeConverter.class,
      description = "Destination ports that the app calls past the sidecar.")
  private List<PortRange> excludedOutboundPorts = List.of();

  @Option(
      names = "--exclude-outbound-cidr",
      paramLabel = "CIDR",
      split = ",",
      converter = CidrConverter.class,
      description = "Destinations that the app calls past the sidecar.")
  private List<Cidr> excludedOutboundRanges = List.of();

  @Option(
      names = "--exclude-inbound-port",
      paramLabel = "PORT[-PORT]",
      split = ",",
      converter = PortRangeConverter.class,
      description = "Ports that are reached past the sidecar.")
  private List<PortRange> excludedInboundPorts = List.of();

  @Option(
      names = "--exclude-inbound-cidr",
      paramLabel = "CIDR",
      split = ",",
      converter = CidrConverter.class,
      description = "Callers that reach the app past the sidecar.")
  private List<Cidr> excludedInboundRanges = List.of();

  Main() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setParameterExceptionHandler((exception, ignored) -> {
          CommandLine line = exception.getCommandLine();
          line.getErr()
              .println(
                  "weir intercept: " + UsageProblem.of(exception) + "; see weir intercept --help");
          return ExitCode.USAGE;
        });
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String script = remove ? RuleScript.remove() : RuleScript.write(redirect());
    PrintWriter out = spec.commandLine().getOut();
    if (dryRun) {
      out.print(script);
      out.flush();
      return ExitCode.OK;
    }
    Optional<String> problem = new Nft("nft", namespace()).apply(script);
    problem.ifPresent(line -> spec.commandLine().getErr().println("weir intercept: " + line));
    return problem.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private Redirect redirect() {
    port("--outbound-port", outboundPort);
    port("--inbound-port", inboundPort);
    port("--admin-port", adminPort);
    if (mark < 1 || mark > 0xffffffffL) {
      throw wrong("--mark", mark + " is not from 1 to 4294967295");
    }
    if (outboundPort == inboundPort) {
      throw wrong("--inbound-port", inboundPort + " is the outbound port already");
    }
    return new Redirect(
        new Redirect.Ports(outboundPort, inboundPort, adminPort),
        mark,
        family,
        new Redirect.Exclusions(excludedOutboundPorts, excludedOutboundRanges),
        new Redirect.Exclusions(excludedInboundPorts, excludedInboundRanges));
  }

  private void port(String option, int port) {
    if (port < 1 || port > 65535) {
      throw wrong(option, port + " is not a port, from 1 to 65535");
    }
  }

  private ParameterException wrong(String option, String reason) {
    return new ParameterException(spec.commandLine(), option + ": " + reason);
  }

  private Optional<Path> namespace() {
    return Optional.ofNullable(netns)
        .map(text -> Path.of(text.matches("[0-9]+") ? "/proc/" + text + "/ns/net" : text));
  }

  /** Hands a parser's words on to picocli. */
  static final class PortRangeConverter implements ITypeConverter<PortRange> {
    @Override
    public PortRange convert(String text) {
      try {
        return PortRange.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Hands a parser's words on to picocli. */
  static final class CidrConverter implements ITypeConverter<Cidr> {
    @Override
    public Cidr convert(String text) {
      try {
        return Cidr.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
