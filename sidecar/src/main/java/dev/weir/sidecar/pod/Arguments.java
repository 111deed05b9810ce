package dev.weir.sidecar.pod;

import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.sidecar.log.LogOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/**
 * What {@code weir pod} is told.
 *
 * @param pod its name
 * @param account the service account that it runs as
 * @param address the pod's
 * @param controlPlane a name or an address, and a port
 * @param folder for what it writes: its bootstrap and the last good configuration
 * @param statusPort where the kubelet asks by HTTP
 * @param logging what is told how
 * @param sidecar what is passed on to the sidecar
 */
record Arguments(
    String pod,
    String namespace,
    String account,
    String address,
    HostAndPort controlPlane,
    String trustDomain,
    Path roots,
    Path token,
    Path folder,
    int statusPort,
    List<Probe> probes,
    LogOptions logging,
    List<String> sidecar) {
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final int STATUS_PORT = 15021;
  private static final int METRICS_PORT = 15020;

  Arguments {
    probes = List.copyOf(probes);
    sidecar = List.copyOf(sidecar);
  }

  /** Where a server is. */
  record HostAndPort(String host, int port) {
    static HostAndPort parse(String text) {
      int colon = text.lastIndexOf(':');
      String port = text.substring(colon + 1);
      if (colon < 1 || !port.matches("[1-9][0-9]{0,4}") || Integer.parseInt(port) > 65535) {
        throw new IllegalArgumentException(
            "\"" + text + "\" is no name and port, as weir-control-plane.weir-system.svc:15012");
      }
      return new HostAndPort(text.substring(0, colon), Integer.parseInt(port));
    }

    boolean isName() {
      return !host.matches("[0-9.]+");
    }
  }

  static Program program() {
    return new Program(
        "weir pod",
        "Run the sidecar of a pod; the injector writes its command line.",
        new Version("weir pod", Main.class),
        Stream.concat(options().stream(), LogOptions.options().stream()).toList(),
        List.of(),
        List.of("served until it was told to stop", "it cannot run", "wrong usage"));
  }

  private static List<Option> options() {
    return List.of(
        Options.required("pod", "NAME", "The pod's name."),
        Options.required("namespace", "NAME", "Its namespace."),
        Options.required("service-account", "NAME", "The service account that it runs as."),
        Options.required("address", "ADDRESS", "Its IPv4 address."),
        Options.required(
            "control-plane", "HOST:PORT", "The control plane's port, of xDS and its CA."),
        Options.optional("trust-domain", "NAME", "Of the mesh (default: " + TRUST_DOMAIN + ")."),
        Options.required(
            "roots", "FILE", "What the control plane's certificate must lead to, in PEM."),
        Options.required("token", "FILE", "The service account's token for audience weir."),
        Options.required(
            "folder", "DIR", "For its bootstrap, and what holds without the control plane."),
        Options.optional(
            "status-port", "PORT", "Where the kubelet asks (default: " + STATUS_PORT + ")."),
        Options.optional(
            "metrics-port",
            "PORT",
            "Where Prometheus reads metrics (default: " + METRICS_PORT + ")."),
        Options.optional("app-metrics", "PORT/PATH", "The app's own, as of weir sidecar."),
        Options.optional("metrics-edges", "N", "As of weir sidecar."),
        Options.optional("concurrency", "N", "Event loops, as of weir sidecar."),
        Options.optional("drain-time", "SECONDS", "As of weir sidecar."),
        Options.optional("profile", "PROFILE", "default or edge, as of weir sidecar."),
        Options.optional(
            "probe",
            "PROBE",
            "A probe of the app that the kubelet asks for here, as"
                + " http:8080:/healthz=app/readiness or grpc:9000=15100; may be repeated."),
        Options.flag("debug", "Show stack traces."));
  }

  static Arguments of(Values values) throws WrongUsage {
    List<String> passed = new ArrayList<>();
    passed.add(
        "--metrics="
            + values.required("address")
            + ":"
            + values.integer("metrics-port").orElse(METRICS_PORT));
    for (String option :
        List.of("app-metrics", "metrics-edges", "concurrency", "drain-time", "profile")) {
      values.text(option).ifPresent(text -> passed.add("--" + option + "=" + text));
    }
    passed.addAll(LogOptions.words(values));
    return new Arguments(
        values.required("pod"),
        values.required("namespace"),
        values.required("service-account"),
        values.required("address"),
        values.value("control-plane", HostAndPort::parse).orElseThrow(),
        values.text("trust-domain").orElse(TRUST_DOMAIN),
        Path.of(values.required("roots")),
        Path.of(values.required("token")),
        Path.of(values.required("folder")),
        values.integer("status-port").orElse(STATUS_PORT),
        values.each("probe", Probe::parse),
        LogOptions.of(values),
        passed);
  }

  /** The bootstrap of the sidecar. */
  String bootstrap() {
    return PodBootstrap.write(this);
  }
}
