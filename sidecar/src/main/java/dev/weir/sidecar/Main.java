package dev.weir.sidecar;

import dev.weir.cli.Program;
import dev.weir.protos.Problem;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.log.Component;
import dev.weir.sidecar.log.Level;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.log.Logs;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.NettyLogging;
import dev.weir.sidecar.runtime.SocketAddresses;
import dev.weir.sidecar.snapshot.CompileCheck;
import io.netty.util.ResourceLeakDetector;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code weir sidecar}. */
public final class Main {
  private final Arguments arguments;
  private final PrintStream out;
  private final Logs logs;
  private final Log config;

  private Main(Arguments arguments, PrintStream out, Logs logs) {
    this.arguments = arguments;
    this.out = out;
    this.logs = logs;
    this.config = logs.of(Component.CONFIG);
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
        .run(
            words,
            out,
            err,
            values -> {
              Arguments arguments = Arguments.of(values);
              try (Logs logs = arguments.logging().open("weir sidecar", out, err)) {
                return new Main(arguments, out, logs).run();
              }
            });
  }

  private int run() throws InterruptedException {
    Path file = arguments.config();
    return switch (new BootstrapLoader(arguments.unhonoured(), new CompileCheck()).load(file)) {
      case Loaded.Rejected(List<Problem> problems) -> {
        problems.forEach(this::refused);
        yield Program.FAILED;
      }
      case Loaded.Unreadable(Problem problem) -> {
        refused(problem);
        yield Program.WRONG;
      }
      case Loaded.Accepted accepted -> {
        accepted.unhonoured().forEach(problem -> config.accept("warning: " + problem));
        yield arguments.mode() == Arguments.Mode.validate ? valid(file) : serve(accepted);
      }
    };
  }

  private void refused(Problem problem) {
    config.error(problem.toString());
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
        logs.of(Component.MISC).accept(message + (cause == null ? "" : ": " + cause));
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
            logs);
    incidents.set(sidecar.incidents());
    List<String> problems = sidecar.start(loaded, parser(), arguments.lastGood());
    if (!problems.isEmpty()) {
      problems.forEach(config::error);
      sidecar.close();
      return Program.FAILED;
    }
    sidecar
        .adminAddress()
        .ifPresent(address -> logs.announce("admin: " + SocketAddresses.text(address)));
    sidecar
        .addresses()
        .forEach((name, address) ->
            logs.announce("listener " + name + ": " + SocketAddresses.text(address)));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(sidecar), "stop"));
    sidecar.boundHeap();
    sidecar.onQuit(() -> Thread.ofPlatform().name("quit").start(() -> System.exit(Program.OK)));
    new CountDownLatch(1).await(); // until a signal, which the hook answers
    return Program.OK;
  }

  /** A signal is how it is asked to stop, so that is no failure. */
  private void stop(Sidecar sidecar) {
    int cut = sidecar.drain(arguments.drainTime());
    if (cut > 0) {
      logs.of(Component.MAIN)
          .accept(
              cut
                  + " connections were still open after "
                  + arguments.drainTime().toSeconds()
                  + " s of draining");
    }
    sidecar.close();
    logs.close();
    Runtime.getRuntime().halt(Program.OK);
  }

  private ResourceParser parser() {
    return new ResourceParser(
        arguments.unhonoured(),
        (resource, fields) ->
            fields.forEach(field ->
                config.say(
                    Level.WARNING,
                    "warning: " + resource + ": " + field.path() + ": " + field.reason(),
                    Map.of("resource", resource.toString(), "field", field.path().toString()))));
  }
}
