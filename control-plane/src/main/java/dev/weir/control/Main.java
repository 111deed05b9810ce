package dev.weir.control;

import dev.weir.control.cli.PlainCommandLine;
import dev.weir.control.cli.SocketAddressConverter;
import dev.weir.control.link.Linked;
import dev.weir.control.source.reader.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir control-plane}. */
@Command(
    description = "Compile the policies in a folder and stream them to sidecars.",
    mixinStandardHelpOptions = true,
    versionProvider = PlainCommandLine.Version.class,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:stopped as asked", "1:it cannot run", "2:wrong usage"})
public final class Main implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "DIR",
      description = "The folder of YAML and JSON files; it is watched.")
  private Path config;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS:PORT",
      defaultValue = "127.0.0.1:15010",
      converter = SocketAddressConverter.class,
      description = "Where sidecars connect; port 0: any (default: ${DEFAULT-VALUE}).")
  private InetSocketAddress listen;

  @Option(
      names = "--admin",
      paramLabel = "ADDRESS:PORT",
      defaultValue = "127.0.0.1:15014",
      converter = SocketAddressConverter.class,
      description =
          "Where people ask /ready, /proxies, /findings, /services (default: ${DEFAULT-VALUE}).")
  private InetSocketAddress admin;

  @Option(names = "--debug", description = "Print a stack trace when it fails.")
  private boolean debug;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
  Main() {}

  public static void main(String[] arguments) {
    nameChannels();
    System.exit(commandLine(new Main()).execute(arguments));
  }

  /** Netty would look for a network card's address, and warns where there is loopback alone. */
  private static void nameChannels() {
    System.getProperties().putIfAbsent("io.netty.machineId", "02:00:00:00:00:00");
  }

  static CommandLine commandLine(Main main) {
    return PlainCommandLine.of(main, "weir control-plane", () -> main.debug);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (config == null) {
      throw new ParameterException(spec.commandLine(), "Missing required option: '--config=DIR'");
    }
    if (!Files.isDirectory(config)) {
      throw new ParameterException(spec.commandLine(), "--config: " + config + " is not a folder");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Clock clock = Clock.system(ZoneId.systemDefault());
    try (ControlPlane running =
        new ControlPlane(
            Settings.of(config, listen, admin),
            clock,
            linked -> print(linked, err),
            refusal -> {
              err.println("control plane: " + refusal);
              err.flush();
            },
            mistake -> mistake.printStackTrace(err))) {
      Thread stop = new Thread(() -> stop(running), "stop");
      Runtime.getRuntime().addShutdownHook(stop);
      out.printf(
          "control plane: ADS on %s, admin on http://%s%n",
          text(running.listen()), text(running.admin()));
      out.flush();
      new CountDownLatch(1).await(); // until a signal, which the hook answers
    }
    return CommandLine.ExitCode.OK;
  }

  /** A signal is how it is asked to stop, so that is no failure. */
  private void stop(ControlPlane running) {
    int status = CommandLine.ExitCode.OK;
    try (running) {
      running.drain();
    } catch (IOException e) {
      spec.commandLine().getErr().println("control plane: while it stopped: " + e.getMessage());
      status = CommandLine.ExitCode.SOFTWARE;
    }
    Runtime.getRuntime().halt(status);
  }

  private static void print(Linked linked, PrintWriter err) {
    linked.findings().forEach(err::println);
    err.println("control plane: " + inForce(linked));
    err.flush();
  }

  static String inForce(Linked linked) {
    if (linked.model().isEmpty()) {
      return "nothing is in force";
    }
    return linked.findings().stream().anyMatch(Finding::isError)
        ? "what is right is in force; the above is not"
        : "all of the folder is in force";
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
