package dev.weir.control;

import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.link.Linked;
import dev.weir.control.source.reader.Finding;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.commons.cli.Option;

/** {@code weir control-plane}. */
public final class Main {
  private static final String LISTEN = "127.0.0.1:15010";
  private static final String ADMIN = "127.0.0.1:15014";

  private Main() {}

  public static void main(String[] words) {
    nameChannels();
    System.exit(run(words, System.out, System.err));
  }

  /** Netty would look for a network card's address, and warns where there is loopback alone. */
  private static void nameChannels() {
    System.getProperties().putIfAbsent("io.netty.machineId", "02:00:00:00:00:00");
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> serve(settings(values), out, err));
  }

  private static Program program() {
    return new Program(
        "weir control-plane",
        "Compile the policies in a folder and stream them to sidecars.",
        new Version("weir", Main.class),
        List.of(
            Option.builder()
                .longOpt("config")
                .argName("DIR")
                .hasArg()
                .required()
                .desc("The folder of YAML and JSON files; it is watched.")
                .get(),
            Option.builder()
                .longOpt("listen")
                .argName("ADDRESS:PORT")
                .hasArg()
                .desc("Where sidecars connect; port 0: any (default: " + LISTEN + ").")
                .get(),
            Option.builder()
                .longOpt("admin")
                .argName("ADDRESS:PORT")
                .hasArg()
                .desc(
                    "Where people ask /ready, /proxies, /findings, /services (default: "
                        + ADMIN
                        + ").")
                .get(),
            Option.builder()
                .longOpt("state")
                .argName("DIR")
                .hasArg()
                .desc(
                    "Where it keeps what is in force and who is there, for its next start; none:"
                        + " nowhere (default: a folder below $XDG_STATE_HOME/weir, or"
                        + " ~/.local/state/weir).")
                .get(),
            Option.builder().longOpt("debug").desc("Print a stack trace when it fails.").get()),
        List.of(),
        List.of("stopped as asked", "it cannot run", "wrong usage"));
  }

  private static Settings settings(Values values) throws WrongUsage {
    Path config = Path.of(values.required("config"));
    if (!Files.isDirectory(config)) {
      throw new WrongUsage("--config: " + config + " is not a folder");
    }
    return Settings.of(
        config,
        values.address("listen", LISTEN),
        values.address("admin", ADMIN),
        state(values.text("state"), config));
  }

  private static Optional<Path> state(Optional<String> said, Path config) {
    return said.map(word ->
            word.equals("none")
                ? Optional.<Path>empty()
                : Optional.of(StatePlace.below(Path.of(word), config)))
        .orElseGet(() -> StatePlace.of(config, System.getenv()));
  }

  private static int serve(Settings settings, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    Clock clock = Clock.system(ZoneId.systemDefault());
    try (ControlPlane running =
        new ControlPlane(
            settings,
            clock,
            linked -> print(linked, err),
            refusal -> {
              err.println("control plane: " + refusal);
              err.flush();
            },
            new Mistakes(err))) {
      Thread stop = new Thread(() -> stop(running, err), "stop");
      Runtime.getRuntime().addShutdownHook(stop);
      out.printf(
          "control plane: ADS on %s, admin on http://%s%n",
          text(running.listen()), text(running.admin()));
      out.flush();
      new CountDownLatch(1).await(); // until a signal, which the hook answers
    }
    return Program.OK;
  }

  /** A signal is how it is asked to stop, so that is no failure. */
  private static void stop(ControlPlane running, PrintStream err) {
    int status = Program.OK;
    try (running) {
      running.drain();
    } catch (IOException e) {
      err.println("control plane: while it stopped: " + e.getMessage());
      status = Program.FAILED;
    }
    err.flush();
    Runtime.getRuntime().halt(status);
  }

  private static void print(Linked linked, PrintStream err) {
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
