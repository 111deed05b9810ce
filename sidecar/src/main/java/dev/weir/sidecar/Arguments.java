package dev.weir.sidecar;

import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.egress.Egress;
import dev.weir.sidecar.log.LogOptions;
import dev.weir.sidecar.metrics.AppMetrics;
import dev.weir.sidecar.metrics.MetricsOptions;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.telemetry.edge.Edges;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/**
 * What {@code weir sidecar} is told.
 *
 * @param config the bootstrap
 * @param loops how many event loops, 1 or more
 * @param unhonoured what becomes of fields that have no effect
 * @param drainTime how long requests may take to end
 * @param lastGood where the last good streamed configuration is kept
 * @param nio use Java's NIO even where epoll is to be had
 * @param egress what leaves this network by a door
 * @param metrics who reads which
 * @param logging what is told of what happens, and how
 */
record Arguments(
    Path config,
    Mode mode,
    int loops,
    FieldPolicy unhonoured,
    Duration drainTime,
    Optional<Path> lastGood,
    boolean nio,
    Optional<Egress> egress,
    MetricsOptions metrics,
    LogOptions logging) {
  private static final int DRAIN_SECONDS = 5;

  enum Mode {
    serve,
    validate
  }

  /** What machine it is to be small enough for. */
  enum Profile {
    DEFAULT,
    EDGE
  }

  static Program program() {
    return new Program(
        "weir sidecar",
        "Runs the sidecar from an Envoy v3 bootstrap file.",
        new Version("weir sidecar", Main.class),
        Stream.concat(options().stream(), LogOptions.options().stream()).toList(),
        List.of(),
        List.of(
            "served until it was told to stop, or the file is valid",
            "the configuration cannot be put in force",
            "the command line is wrong, or names a file that cannot be read"));
  }

  private static List<Option> options() {
    return List.of(
        Option.builder("c")
            .longOpt("config")
            .argName("FILE")
            .hasArg()
            .required()
            .desc("The bootstrap, YAML or JSON.")
            .get(),
        Options.optional("mode", "MODE", "serve, or validate: check the file and exit."),
        Options.optional(
            "concurrency",
            "N",
            "Event loops. Default: the cgroup's CPU quota rounded up, at most 2 without one."),
        Options.optional(
            "unhonoured",
            "POLICY",
            "What becomes of fields that are set and have no effect here: reject, warn or"
                + " ignore. Default: warn."),
        Options.optional(
            "drain-time",
            "SECONDS",
            "How long requests may take to end after SIGTERM. Default: " + DRAIN_SECONDS + "."),
        Options.optional(
            "last-good",
            "FILE",
            "Where the last good streamed configuration is kept, for a start without the"
                + " control plane."),
        Options.optional(
            "profile",
            "PROFILE",
            "default, or edge: for a container of 96 MiB, with one event loop unless"
                + " --concurrency says otherwise. ./weir chooses the JVM's memory and compiler"
                + " by it."),
        Options.optional(
            "egress",
            "RANGE[=FILE]",
            "Connect to addresses that are not of the IPv4 range by sockets that are had at the"
                + " Unix socket FILE, which weir run makes, or, without one, not at all."),
        Options.optional(
            "metrics",
            "ADDRESS:PORT",
            "Where Prometheus reads metrics, at /stats/prometheus. Default: on admin alone."),
        Options.optional(
            "app-metrics",
            "PORT/PATH",
            "The app's own metrics, which --metrics has too, as 8080/metrics."),
        Options.optional(
            "metrics-edges",
            "N",
            "By how many combinations of caller, service, answer and cause requests are"
                + " counted; what comes beyond is counted as others. Default: "
                + Edges.DEFAULT_MOST
                + "."),
        Options.flag("nio", "Use Java's NIO even where epoll is to be had."),
        Options.flag("debug", "Show stack traces."));
  }

  static Arguments of(Values values) throws WrongUsage {
    return new Arguments(
        Path.of(values.required("config")),
        values.oneOf("mode", Mode.class).orElse(Mode.serve),
        loops(values),
        values.oneOf("unhonoured", FieldPolicy.class).orElse(FieldPolicy.WARN),
        Duration.ofSeconds(values.integer("drain-time").orElse(DRAIN_SECONDS)),
        values.path("last-good"),
        values.given("nio"),
        egress(values),
        metrics(values),
        LogOptions.of(values));
  }

  private static MetricsOptions metrics(Values values) throws WrongUsage {
    int most = values.integer("metrics-edges").orElse(Edges.DEFAULT_MOST);
    if (most < 0) {
      throw new WrongUsage("--metrics-edges: " + most + " is not 0 or more");
    }
    return new MetricsOptions(
        values.address("metrics"), values.value("app-metrics", AppMetrics.Place::parse), most);
  }

  private static Optional<Egress> egress(Values values) throws WrongUsage {
    Optional<Egress> egress = values.value("egress", Egress::parse);
    if (egress.isPresent() && values.given("nio")) {
      throw new WrongUsage("--egress needs epoll: leave out --nio");
    }
    return egress;
  }

  private static int loops(Values values) throws WrongUsage {
    Profile profile = values.oneOf("profile", Profile.class).orElse(Profile.DEFAULT);
    Optional<Integer> concurrency = values.integer("concurrency");
    if (concurrency.isEmpty()) {
      return profile == Profile.EDGE ? 1 : Loops.defaultCount();
    }
    if (concurrency.get() < 1) {
      throw new WrongUsage("--concurrency: " + concurrency.get() + " is not 1 or more");
    }
    return concurrency.get();
  }
}
