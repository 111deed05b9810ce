package dev.weir.sidecar;

import dev.weir.cli.Program;
import dev.weir.protos.Problem;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.NettyLogging;
import dev.weir.sidecar.runtime.SocketAddresses;
import dev.weir.sidecar.snapshot.CompileCheck;
import io.netty.util.ResourceLeakDetector;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code weir sidecar}. */
public final class Main {
  private final Arguments arguments;
  private final PrintStream out;
  private final PrintStream err;

  private Main(Arguments arguments, PrintStream out, PrintStream err) {
    this.arguments = arguments;
    this.out = out;
    this.err = err;
  }

  public static void main(String[] words) {
    System.exit(serve(words));
  }

  /** Runs it, with the words of its command line, until it is told to stop; answers its status. */
  public static int serve(String[] words) {
    nameChannels();
    return run(words, System.out, System.err);
  }

  /** Netty would look for a network card's address, and warns where there is loopback alone. */
  private static void nameChannels() {
    System.getProperties().putIfAbsent("io.netty.machineId", "02:00:00:00:00:00");
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return Arguments.program()
        .run(words, out, err, values -> new Main(Arguments.of(values), out, err).run());
  }

  private int run() throws InterruptedException {
    Path file = arguments.config();
    return switch (new BootstrapLoader(arguments.unhonoured(), new CompileCheck()).load(file)) {
      case Loaded.Rejected(List<Problem> problems) -> {
        problems.forEach(problem -> err.println("weir sidecar: " + problem));
        yield Program.FAILED;
      }
      case Loaded.Unreadable(Problem problem) -> {
        err.println("weir sidecar: " + problem);
        yield Program.WRONG;
      }
      case Loaded.Accepted accepted -> {
        accepted.unhonoured().forEach(problem -> err.println("weir sidecar: warning: " + problem));
        yield arguments.mode() == Arguments.Mode.validate ? valid(file) : serve(accepted);
      }
    };
  }

  private int valid(Path file) {
    out.println(file + ": OK");
    return Program.OK;
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
    Sidecar sidecar =
        new Sidecar(
            loaded,
            arguments.loops(),
            !arguments.nio(),
            arguments.egress(),
            arguments.metrics(),
            err);
    incidents.set(sidecar.incidents());
    List<String> problems = sidecar.start(loaded, parser(), arguments.lastGood());
    if (!problems.isEmpty()) {
      problems.forEach(problem -> err.println("weir sidecar: " + problem));
      sidecar.close();
      return Program.FAILED;
    }
    sidecar
        .adminAddress()
        .ifPresent(address -> out.println("admin: " + SocketAddresses.text(address)));
    sidecar
        .addresses()
        .forEach((name, address) ->
            out.println("listener " + name + ": " + SocketAddresses.text(address)));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(sidecar), "stop"));
    sidecar.onQuit(() -> Thread.ofPlatform().name("quit").start(() -> System.exit(Program.OK)));
    new CountDownLatch(1).await(); // until a signal, which the hook answers
    return Program.OK;
  }

  /** A signal is how it is asked to stop, so that is no failure. */
  private void stop(Sidecar sidecar) {
    int cut = sidecar.drain(arguments.drainTime());
    if (cut > 0) {
      err.println(
          "weir sidecar: "
              + cut
              + " connections were still open after "
              + arguments.drainTime().toSeconds()
              + " s of draining");
    }
    sidecar.close();
    err.flush();
    Runtime.getRuntime().halt(Program.OK);
  }

  private ResourceParser parser() {
    return new ResourceParser(
        arguments.unhonoured(),
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
}
