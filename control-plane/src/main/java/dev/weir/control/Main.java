package dev.weir.control;

import dev.weir.cli.Durations;
import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.compile.Mesh;
import dev.weir.control.injector.Injection;
import dev.weir.control.link.Linked;
import dev.weir.control.model.AddressRange;
import dev.weir.control.model.SpiffeId;
import dev.weir.control.source.reader.Finding;
import dev.weir.protos.yaml.TextFile;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;

/** {@code weir control-plane}. */
public final class Main {
  private static final String LISTEN = "127.0.0.1:15010";
  private static final String TRUST_DOMAIN = Mesh.TRUST_DOMAIN;
  private static final String ADMIN = "127.0.0.1:15014";
  private static final Pattern TLS_NAME =
      Pattern.compile(
          "([*]\\.)?[A-Za-z0-9_]([-A-Za-z0-9_]{0,62})(\\.[A-Za-z0-9_]([-A-Za-z0-9_]{0,62}))*");

  private Main() {}

  public static void main(String[] words) {
    quieten();
    System.exit(run(words, System.out, System.err));
  }

  /** What libraries would say, and nobody needs to know. */
  private static void quieten() {
    // Netty would look for a network card's address, and warns where there is loopback alone.
    System.getProperties().putIfAbsent("io.netty.machineId", "02:00:00:00:00:00");
    // The Kubernetes client logs by SLF4J, behind which is nothing: what it says comes to us.
    System.getProperties().putIfAbsent("slf4j.internal.verbosity", "ERROR");
    SeldomLogged.install();
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> serve(settings(values), out, err));
  }

  private static Program program() {
    return new Program(
        "weir control-plane",
        "Compile the policies in a folder or a Kubernetes cluster and stream them to sidecars.",
        new Version("weir", Main.class),
        List.of(
            Options.optional("config", "DIR", "The folder of YAML and JSON files; it is watched."),
            Options.flag(
                "kubernetes",
                "Read a Kubernetes cluster: its Services, pods, routes and policies; the one of"
                    + " the pod that this runs in, or kubectl's."),
            Options.optional(
                "kubeconfig",
                "FILE",
                "With --kubernetes: which cluster (default: $KUBECONFIG, ~/.kube/config)."),
            Options.optional(
                "context",
                "NAME",
                "With --kubernetes: the context of that file (default: its current one)."),
            Options.optional(
                "ca-secret",
                "NAME",
                "With --kubernetes: a Secret of the namespace that this runs in, from which the"
                    + " CA's folder is filled; it is made if it is not there."),
            Options.optional(
                "webhook",
                "ADDRESS:PORT",
                "With --kubernetes: where the API server asks about pods and policies."),
            Options.optional(
                "injection",
                "FILE",
                "With --webhook: what it puts into pods, in YAML (default: as weir inject)."),
            Options.optional(
                "revision",
                "NAME",
                "With --kubernetes: of several installations which this is of; its webhooks"
                    + " say the same in their label weir.dev/rev (default: they have none)."),
            Options.optional(
                "listen",
                "ADDRESS:PORT",
                "Where sidecars connect; port 0: any (default: " + LISTEN + ")."),
            Options.optional(
                "admin",
                "ADDRESS:PORT",
                "Where people ask /ready, /proxies, /findings, /services, /traffic, /ca (default: "
                    + ADMIN
                    + ")."),
            Options.optional(
                "metrics",
                "ADDRESS:PORT",
                "Where Prometheus asks /metrics, and nothing else (default: nowhere)."),
            Options.optional(
                "summaries",
                "DURATION",
                "How often sidecars tell of their traffic, 1s to 5m, which /traffic shows;"
                    + " none: never (default: 5s)."),
            Options.optional(
                "state",
                "DIR",
                "Where it keeps what is in force and who is there, for its next start; none:"
                    + " nowhere (default: a folder below $XDG_STATE_HOME/weir, or"
                    + " ~/.local/state/weir)."),
            Options.optional(
                "ca",
                "DIR",
                "TLS, with certificates of the CA in DIR, which is made if it is empty:"
                    + " ca-cert.pem, ca-key.pem, root-cert.pem, cert-chain.pem (default: on an"
                    + " address that is no loopback's, below --state; else plain text)."),
            Options.optional(
                "trust-domain",
                "NAME",
                "Of the CA's certificates (default: " + TRUST_DOMAIN + ")."),
            Options.optional(
                "tokens",
                "DIR",
                "Key sets, *.json or *.jwks, whose tokens prove who a client is (default:"
                    + " tokens in the CA's folder)."),
            Options.optional(
                "token-key",
                "FILE",
                "A key that tokens are signed with; it is made if it is not there."),
            Options.optional(
                "tls-name",
                "NAME",
                "What clients call this control plane, beside localhost; may be repeated."),
            Options.optional(
                "instances",
                "RANGE",
                "Addresses that a client may register wherever it calls from, as 10.88.0.0/16"
                    + " for members of weir run that reach this control plane by another"
                    + " network; may be repeated."),
            Options.flag(
                "insecure", "Plain text, whatever the address: every client is who it says."),
            Options.flag("debug", "Print a stack trace when it fails.")),
        List.of(),
        List.of("stopped as asked", "it cannot run", "wrong usage"));
  }

  private static Settings settings(Values values) throws WrongUsage {
    Optional<Path> config = values.path("config");
    Optional<Settings.Cluster> cluster = cluster(values);
    if (config.isEmpty() && cluster.isEmpty()) {
      throw new WrongUsage("give --config DIR, or --kubernetes, or both");
    }
    if (config.isPresent() && !Files.isDirectory(config.get())) {
      throw new WrongUsage("--config: " + config.get() + " is not a folder");
    }
    InetSocketAddress listen = values.address("listen", LISTEN);
    Optional<Path> state = state(values.text("state"), config);
    Optional<Settings.Security> security = security(values, listen, state);
    for (String option : List.of("webhook", "ca-secret")) {
      if (values.given(option) && security.isEmpty()) {
        throw new WrongUsage("--" + option + ": needs TLS; give --ca DIR");
      }
    }
    return Settings.of(
            config,
            cluster,
            listen,
            values.address("admin", ADMIN),
            address(values, "metrics"),
            state,
            security)
        .with(summaries(values));
  }

  private static Optional<Settings.Cluster> cluster(Values values) throws WrongUsage {
    if (values.given("kubernetes")) {
      Optional<Path> kubeconfig = values.path("kubeconfig");
      if (kubeconfig.isPresent() && !Files.isReadable(kubeconfig.get())) {
        throw new WrongUsage("--kubeconfig: " + kubeconfig.get() + " cannot be read");
      }
      return Optional.of(
          new Settings.Cluster(
              kubeconfig,
              values.text("context"),
              values.text("ca-secret"),
              address(values, "webhook"),
              injection(values.path("injection")),
              values.text("revision")));
    }
    for (String other :
        List.of("kubeconfig", "context", "ca-secret", "webhook", "injection", "revision")) {
      if (values.given(other)) {
        throw new WrongUsage("--" + other + ": say which cluster with --kubernetes");
      }
    }
    return Optional.empty();
  }

  private static Optional<Duration> summaries(Values values) throws WrongUsage {
    if (values.text("summaries").filter("none"::equals).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(values.value("summaries", Main::interval).orElse(Settings.SUMMARIES));
  }

  private static Duration interval(String text) {
    Duration interval = Durations.parse(text);
    if (interval.compareTo(Duration.ofSeconds(1)) < 0
        || interval.compareTo(Duration.ofMinutes(5)) > 0) {
      throw new IllegalArgumentException("\"" + text + "\" is not from 1s to 5m");
    }
    return interval;
  }

  private static Optional<InetSocketAddress> address(Values values, String option)
      throws WrongUsage {
    return values.given(option) ? Optional.of(values.address(option, ADMIN)) : Optional.empty();
  }

  private static Injection injection(Optional<Path> file) throws WrongUsage {
    if (file.isEmpty()) {
      return Injection.DEFAULT;
    }
    try {
      return Injection.read(file.get().toString(), TextFile.read(file.get()));
    } catch (TextFile.NotUtf8 e) {
      throw new WrongUsage("--injection: " + file.get() + ":" + e.line() + ": is not UTF-8");
    } catch (IOException e) {
      throw new WrongUsage("--injection: " + file.get() + " cannot be read");
    } catch (IllegalArgumentException e) {
      throw new WrongUsage("--injection: " + e.getMessage());
    }
  }

  private static Optional<Settings.Security> security(
      Values values, InetSocketAddress listen, Optional<Path> state) throws WrongUsage {
    Optional<Path> said = values.path("ca");
    boolean loopback = listen.getAddress().isLoopbackAddress();
    if (values.given("insecure")) {
      if (said.isPresent()) {
        throw new WrongUsage("--insecure: with --ca there is TLS; leave out one of them");
      }
      return Optional.empty();
    }
    if (said.isEmpty() && loopback) {
      for (String other : List.of("tokens", "token-key", "tls-name", "trust-domain", "instances")) {
        if (values.given(other)) {
          throw new WrongUsage("--" + other + ": there is no TLS on loopback without --ca DIR");
        }
      }
      return Optional.empty();
    }
    if (said.isEmpty() && state.isEmpty()) {
      throw new WrongUsage(
          "--listen: clients on other machines prove who they are by TLS, whose CA needs a place:"
              + " give --ca DIR, or --insecure for plain text");
    }
    Path ca = said.orElseGet(() -> state.orElseThrow().resolve("ca"));
    List<String> names = new ArrayList<>(List.of("localhost"));
    names.addAll(values.each("tls-name", Main::tlsName));
    return Optional.of(
        new Settings.Security(
            ca,
            values.value("trust-domain", SpiffeId::ownTrustDomain).orElse(TRUST_DOMAIN),
            values.path("tokens").orElseGet(() -> ca.resolve("tokens")),
            values.path("token-key"),
            names,
            values.each("instances", AddressRange::parse)));
  }

  private static String tlsName(String text) {
    if (!TLS_NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is neither a host's name, as weir.example, nor an IPv4 address");
    }
    return text;
  }

  /** Of a cluster there is nothing to keep, but for what its apps call. */
  private static Optional<Path> state(Optional<String> said, Optional<Path> config) {
    Path name = config.orElse(Path.of("kubernetes"));
    return said.map(word ->
            word.equals("none")
                ? Optional.<Path>empty()
                : Optional.of(StatePlace.below(Path.of(word), name)))
        .orElseGet(
            () -> config.isEmpty() ? Optional.empty() : StatePlace.of(name, System.getenv()));
  }

  private static int serve(Settings settings, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    Clock clock = Clock.system(ZoneId.systemDefault());
    String place =
        settings.cluster().isEmpty()
            ? "folder"
            : settings.config().isEmpty() ? "cluster" : "folder and the cluster";
    try (ControlPlane running =
        new ControlPlane(
            settings,
            clock,
            linked -> print(linked, place, err),
            refusal -> {
              err.println("control plane: " + refusal);
              err.flush();
            },
            new Mistakes(err))) {
      Thread stop = new Thread(() -> stop(running, err), "stop");
      Runtime.getRuntime().addShutdownHook(stop);
      out.println(started(running.listen(), running.admin()));
      out.flush();
      plain(settings.security().isPresent(), running.listen()).ifPresent(err::println);
      err.flush();
      new CountDownLatch(1).await(); // until a signal, which the hook answers
    }
    return Program.OK;
  }

  /** Where it is reached; what the pages say is for who may look at this machine. */
  static String started(InetSocketAddress listen, InetSocketAddress admin) {
    String where = "control plane: ADS on " + text(listen) + ", admin on http://" + text(admin);
    return admin.getAddress().isLoopbackAddress()
        ? where
        : where + ", OPEN: whoever reaches it can read all of its pages; nobody is asked who he is";
  }

  /** What is to be known of plain text. */
  static Optional<String> plain(boolean tls, InetSocketAddress listen) {
    if (tls) {
      return Optional.empty();
    }
    return Optional.of(
        listen.getAddress().isLoopbackAddress()
            ? "control plane: INSECURE: plain text on loopback; any program of this machine can"
                + " say it is any service. --ca DIR tells them apart"
            : "control plane: INSECURE: plain text on "
                + text(listen)
                + "; whoever reaches it can say it is any service, and read and change what others"
                + " are sent. Leave out --insecure");
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

  private static void print(Linked linked, String place, PrintStream err) {
    linked.findings().forEach(err::println);
    err.println("control plane: " + inForce(linked, place));
    err.flush();
  }

  /**
   * @param place what it is in: a folder, a cluster
   */
  static String inForce(Linked linked, String place) {
    if (linked.model().isEmpty()) {
      return "nothing is in force";
    }
    return linked.findings().stream().anyMatch(Finding::isError)
        ? "what is right is in force; the above is not"
        : "all of the " + place + " is in force";
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
