package dev.weir.sidecar.intercept;

import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.cli.network.Cidr;
import dev.weir.cli.network.PortRange;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/**
 * What {@code weir intercept} is told.
 *
 * @param redirect empty: the rules are removed
 * @param dryRun the script is printed, nothing is changed
 * @param namespace the network namespace's file; empty: this one
 */
record Arguments(Optional<Redirect> redirect, boolean dryRun, Optional<Path> namespace) {
  private static final int OUTBOUND_PORT = 15001;
  private static final int INBOUND_PORT = 15006;
  private static final int ADMIN_PORT = 15000;
  private static final long MARK = 1337;

  static Program program() {
    return new Program(
        "weir intercept",
        "Redirects the TCP connections of a network namespace to its sidecar, or ends that."
            + " Running it again replaces what it wrote before.",
        new Version("weir intercept", Main.class),
        options(),
        List.of(),
        List.of("done", "the rules could not be written", "wrong usage"));
  }

  private static List<Option> options() {
    return List.of(
        Options.flag("remove", "Remove the rules."),
        Options.flag("dry-run", "Print the script for nft and change nothing."),
        Options.optional(
            "netns",
            "PATH|PID",
            "The network namespace, by its file or by a process in it. Default: this one."),
        Options.optional(
            "outbound-port",
            "PORT",
            "Where connections that begin here are sent (default: " + OUTBOUND_PORT + ")."),
        Options.optional(
            "inbound-port",
            "PORT",
            "Where connections from elsewhere are sent (default: " + INBOUND_PORT + ")."),
        Options.optional(
            "admin-port",
            "PORT",
            "The sidecar's admin port, never redirected (default: " + ADMIN_PORT + ")."),
        Options.optional(
            "mark",
            "N",
            "SO_MARK of the sidecar's own connections, which pass (default: " + MARK + ")."),
        Options.optional(
            "user",
            "UID",
            "The user that the sidecar alone runs as, whose connections pass, in place of the mark:"
                + " in a pod, where it may not set one."),
        Options.optional(
            "family",
            "FAMILY",
            "ipv4, ipv6 or dual: what is redirected; the rest passes (default: ipv4, where the"
                + " control plane's listeners listen)."),
        several(
            "exclude-outbound-port",
            "PORT[-PORT]",
            "Destination ports that the app calls past the sidecar."),
        several(
            "exclude-outbound-cidr", "CIDR", "Destinations that the app calls past the sidecar."),
        several("exclude-inbound-port", "PORT[-PORT]", "Ports that are reached past the sidecar."),
        several("exclude-inbound-cidr", "CIDR", "Callers that reach the app past the sidecar."));
  }

  private static Option several(String name, String value, String description) {
    return Option.builder()
        .longOpt(name)
        .argName(value)
        .hasArg()
        .valueSeparator(',')
        .desc(description)
        .get();
  }

  static Arguments of(Values values) throws WrongUsage {
    boolean remove = values.given("remove");
    Redirect redirect = redirect(values);
    return new Arguments(
        remove ? Optional.empty() : Optional.of(redirect),
        values.given("dry-run"),
        values.value("netns", Arguments::namespace));
  }

  private static Redirect redirect(Values values) throws WrongUsage {
    Redirect.Ports ports =
        new Redirect.Ports(
            port(values, "outbound-port", OUTBOUND_PORT),
            port(values, "inbound-port", INBOUND_PORT),
            port(values, "admin-port", ADMIN_PORT));
    Redirect.Own own = own(values);
    if (ports.outbound() == ports.inbound()) {
      throw new WrongUsage("--inbound-port: " + ports.inbound() + " is the outbound port already");
    }
    return new Redirect(
        ports,
        own,
        values.oneOf("family", Redirect.Family.class).orElse(Redirect.Family.ipv4),
        exclusions(values, "outbound"),
        exclusions(values, "inbound"));
  }

  private static Redirect.Own own(Values values) throws WrongUsage {
    if (values.given("user")) {
      if (values.given("mark")) {
        throw new WrongUsage("--user: the sidecar is known by --mark already; leave out one");
      }
      return new Redirect.User(number(values, "user", 0));
    }
    return new Redirect.Mark(number(values, "mark", MARK));
  }

  private static long number(Values values, String option, long otherwise) throws WrongUsage {
    long number = values.whole(option).orElse(otherwise);
    if (number < 1 || number > 0xffffffffL) {
      throw new WrongUsage("--" + option + ": " + number + " is not from 1 to 4294967295");
    }
    return number;
  }

  private static Redirect.Exclusions exclusions(Values values, String way) throws WrongUsage {
    return new Redirect.Exclusions(
        values.values("exclude-" + way + "-port", PortRange::parse),
        values.values("exclude-" + way + "-cidr", Cidr::parse));
  }

  private static int port(Values values, String option, int otherwise) throws WrongUsage {
    int port = values.integer(option).orElse(otherwise);
    if (port < 1 || port > 65535) {
      throw new WrongUsage("--" + option + ": " + port + " is not a port, from 1 to 65535");
    }
    return port;
  }

  private static Path namespace(String text) {
    return Path.of(text.matches("[0-9]+") ? "/proc/" + text + "/ns/net" : text);
  }
}
