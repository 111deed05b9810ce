package dev.weir.sidecar;

import dev.weir.protos.Problem;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.cli.UsageProblem;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.runtime.NettyLogging;
import dev.weir.sidecar.snapshot.CompileCheck;
import io.netty.util.NetUtil;
import io.netty.util.ResourceLeakDetector;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** {@code weir sidecar}. */
@Command(
    name = "weir sidecar",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Runs the sidecar from an Envoy v3 bootstrap file.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:served until it was told to stop, or the file is valid",
      "1:the configuration cannot be put in force",
      "2:the command line is wrong, or names a file that cannot be read"
    })
public final class Main implements Callable<Integer> {
  /** Of the jar; a class folder has none. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"weir sidecar " + (version == null ? "(development)" : version)};
    }
  }

  enum Mode {
    serve,
    validate
  }

  /** What machine it is to be small enough for. */
  enum Profile {
    DEFAULT,
    EDGE
  }

  @Option(
      names = {"-c", "--config"},
      required = true,
      paramLabel = "FILE",
      description = "The bootstrap, YAML or JSON.")
  private @Nullable Path config;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "serve",
      description = "serve, or validate: check the file and exit.")
  private Mode mode = Mode.serve;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description =
          "Event loops. Default: the cgroup's CPU quota rounded up, at most 2 without one.")
  private @Nullable Integer concurrency;

  @Option(
      names = "--unhonoured",
      paramLabel = "POLICY",
      defaultValue = "WARN",
      description =
          "What becomes of fields that are set and have no effect here: reject, warn or ignore."
              + " Default: warn.")
  private FieldPolicy unhonoured = FieldPolicy.WARN;

  @Option(
      names = "--drain-time",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "How long requests may take to end after SIGTERM. Default: ${DEFAULT-VALUE}.")
  private int drainSeconds = 5;

  @Option(
      names = "--last-good",
      paramLabel = "FILE",
      description =
          "Where the last good streamed configuration is kept, for a start without the control plane.")
  private @Nullable Path lastGood;

  @Option(
      names = "--profile",
      paramLabel = "PROFILE",
      defaultValue = "DEFAULT",
      description =
          "default, or edge: for a container of 96 MiB, with one event loop unless --concurrency says"
              + " otherwise. ./weir chooses the JVM's memory and compiler by it.")
  private Profile profile = Profile.DEFAULT;

  @Option(names = "--nio", description = "Use Java's NIO even where epoll is to be had.")
  private boolean nio;

  @Option(names = "--debug", description = "Show stack traces.")
  private boolean debug;

  private final PrintStream out;
  private final PrintStream err;

  Main(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  public static void main(String[] arguments) {
    nameChannels();
    System.exit(run(arguments, System.out, System.err));
  }

  /** Netty would look for a network card's address, and warns where there is loopback alone. */
  private static void nameChannels() {
    System.getProperties().putIfAbsent("io.netty.machineId", "02:00:00:00:00:00");
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    Main main = new Main(out, err);
    return new CommandLine(main)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((exception, ignored) -> {
          err.println("weir sidecar: " + UsageProblem.of(exception) + "; see weir sidecar --help");
          return ExitCode.USAGE;
        })
        .setExecutionExceptionHandler((exception, commandLine, result) -> {
          err.println("weir sidecar: " + exception);
          if (main.debug) {
            exception.printStackTrace(err);
          }
          return ExitCode.SOFTWARE;
        })
        .execute(arguments);
  }

  @Override
  public Integer call() throws InterruptedException {
    if (concurrency != null && concurrency < 1) {
      err.println("weir sidecar: --concurrency: " + concurrency + " is not 1 or more");
      return ExitCode.USAGE;
    }
    Path file = java.util.Objects.requireNonNull(config);
    return switch (new BootstrapLoader(
            unhonoured, new CompileCheck()::listener, new CompileCheck()::cluster)
        .load(file)) {
      case Loaded.Rejected(List<Problem> problems) -> {
        problems.forEach(problem -> err.println("weir sidecar: " + problem));
        yield ExitCode.SOFTWARE;
      }
      case Loaded.Unreadable(Problem problem) -> {
        err.println("weir sidecar: " + problem);
        yield ExitCode.USAGE;
      }
      case Loaded.Accepted accepted -> {
        accepted.unhonoured().forEach(problem -> err.println("weir sidecar: warning: " + problem));
        yield mode == Mode.validate ? valid(file) : serve(accepted);
      }
    };
  }

  private int valid(Path file) {
    out.println(file + ": OK");
    return ExitCode.OK;
  }

  private int serve(Loaded.Accepted loaded) throws InterruptedException {
    AtomicReference<@Nullable Incidents> incidents = new AtomicReference<>();
    NettyLogging.to((message, cause) -> {
      Incidents known = incidents.get();
      if (known != null) {
        known.report("Netty", cause == null ? new IllegalStateException(message) : cause);
      } else {
        err.println("weir sidecar: " + message + (cause == null ? "" : ": " + cause));
      }
    });
    if (System.getProperty("io.netty.leakDetection.level") == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // tests run with PARANOID
    }
    int loops =
        concurrency != null ? concurrency : profile == Profile.EDGE ? 1 : Loops.defaultCount();
    Sidecar sidecar = new Sidecar(loaded, loops, !nio, err);
    incidents.set(sidecar.incidents());
    List<String> problems = sidecar.start(loaded, parser(), Optional.ofNullable(lastGood));
    if (!problems.isEmpty()) {
      problems.forEach(problem -> err.println("weir sidecar: " + problem));
      sidecar.close();
      return ExitCode.SOFTWARE;
    }
    sidecar.adminAddress().ifPresent(address -> out.println("admin: " + text(address)));
    sidecar
        .addresses()
        .forEach((name, address) -> out.println("listener " + name + ": " + text(address)));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(sidecar), "stop"));
    new CountDownLatch(1).await(); // until a signal, which the hook answers
    return ExitCode.OK;
  }

  /** A signal is how it is asked to stop, so that is no failure. */
  private void stop(Sidecar sidecar) {
    int cut = sidecar.drain(Duration.ofSeconds(drainSeconds));
    if (cut > 0) {
      err.println(
          "weir sidecar: "
              + cut
              + " connections were still open after "
              + drainSeconds
              + " s of draining");
    }
    sidecar.close();
    err.flush();
    Runtime.getRuntime().halt(ExitCode.OK);
  }

  private ResourceParser parser() {
    return new ResourceParser(
        unhonoured,
        (resource, fields) ->
            fields.forEach(field ->
                err.println(
                    "weir sidecar: warning: "
                        + resource
                        + ": "
                        + field.path()
                        + ": "
                        + field.reason())));
  }

  private static String text(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? NetUtil.toSocketAddressString(inet)
        : address.toString();
  }
}
