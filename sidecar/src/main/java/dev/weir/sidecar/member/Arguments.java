package dev.weir.sidecar.member;

import dev.weir.cli.Durations;
import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.sidecar.egress.Egress;
import dev.weir.sidecar.member.names.ServiceName;
import dev.weir.sidecar.member.system.User;
import dev.weir.sidecar.token.WorkloadToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a member is started with.
 *
 * @param service what it is an instance of
 * @param care how the app is treated
 * @param address where it is reached
 * @param controlPlane where ADS is
 * @param services the control plane's page of services
 * @param mesh the runtime folder of the mesh
 * @param holder the process that the mesh ends with
 * @param folder the member's, in the mesh's
 * @param ownControlPlane whether the control plane is the mesh's own
 * @param granted how it proves who it is to another's; empty: that one takes plain text
 * @param java runs a class of the sidecar's jar
 * @param leave the command that takes the member's folder away
 * @param wayOut what leaves the mesh's network, and how
 * @param parent the process without which the member is not to be
 * @param published the app's ports that are reached from outside of the mesh
 * @param shown what this process's descriptors are
 * @param command the app: words of bytes, a character each
 * @param environment its variables, the same, as {@code NAME=VALUE}
 */
record Arguments(
    ServiceName service,
    Supervisor.Care care,
    String address,
    InetSocketAddress controlPlane,
    URI services,
    Path mesh,
    Holder holder,
    Path folder,
    boolean ownControlPlane,
    Optional<MemberProof> granted,
    User user,
    List<String> java,
    List<String> leave,
    Optional<WayOut> wayOut,
    Optional<Integer> parent,
    List<Integer> published,
    Shown shown,
    List<String> command,
    List<String> environment) {
  /**
   * @param passed the terminal on 0 and 1 is passed through to the app
   * @param dimmed 2 is a terminal, where lines that are not the app's are dim
   */
  record Shown(boolean passed, boolean dimmed) {}

  /**
   * @param egress what the sidecar is told
   * @param names where the outer network's name servers are asked; empty: nowhere
   */
  record WayOut(Egress egress, Optional<Path> names) {
    static WayOut of(String text) {
      Egress egress = Egress.parse(text);
      return new WayOut(egress, egress.door().map(door -> door.resolveSibling("names")));
    }
  }

  Arguments {
    java = List.copyOf(java);
    leave = List.copyOf(leave);
    published = List.copyOf(published);
    command = List.copyOf(command);
    environment = List.copyOf(environment);
  }

  static Program program() {
    return new Program(
        "weir member",
        "Runs a member of the mesh inside its namespaces, for weir run.",
        new Version("weir member", Main.class),
        List.of(
            Options.required("service", "NAME", "NAME or NAMESPACE/NAME."),
            Options.optional(
                "namespace", "NAMESPACE", "Default: the only one that has such a service."),
            Options.required("name", "NAME", "The instance's name."),
            Options.required("address", "ADDRESS", "Where the instance is reached."),
            Options.required("control-plane", "ADDRESS:PORT", "Where ADS is."),
            Options.flag(
                "own-control-plane", "The control plane is the mesh's own: what it says is told."),
            Options.optional(
                "roots", "FILE", "What the certificate of another's control plane must lead to."),
            Options.optional("token", "FILE", "What proves to it who this is."),
            Options.required("services", "URI", "The control plane's page of services."),
            Options.required("mesh", "DIR", "The mesh's runtime folder."),
            Options.required("holder", "PID", "The process that the mesh ends with."),
            Options.required("folder", "DIR", "The member's folder."),
            Options.required("uid", "UID", "Whose the app is."),
            Options.required("gid", "GID", "Whose the app is."),
            Options.required(
                "java", "FILE", "The words that run a class, each with a NUL behind it."),
            Options.required("leave", "SCRIPT", "Takes the folder away."),
            Options.flag("terminal", "Descriptors 0 and 1 are a terminal: it is passed through."),
            Options.flag("dim", "Descriptor 2 is a terminal."),
            Options.required("command", "FILE", "The app's words, each with a NUL behind it."),
            Options.required(
                "environment", "FILE", "The app's variables, each with a NUL behind it."),
            Options.required("variables", "FILE", "The same: those that go before."),
            Options.optional(
                "egress", "RANGE[=FILE]", "The way to the outer network, as the sidecar has it."),
            Options.optional(
                "parent",
                "PID",
                "The process that has started this one: the member ends when it has."),
            Options.optional(
                "published",
                "PORT",
                "A port of the app's that is reached from outside of the mesh."),
            Options.required("restart", "POLICY", "When the app is started again."),
            Options.required("stop-grace", "DURATION", "How long the app may take to end.")),
        List.of(),
        List.of());
  }

  static Arguments of(Values values) throws WrongUsage, IOException {
    Path folder = Path.of(values.required("folder"));
    return new Arguments(
        ServiceName.parse(values.required("service"), values.text("namespace")),
        new Supervisor.Care(
            values.required("name"),
            values.value("restart", RestartPolicy::parse).orElseThrow(),
            values.value("stop-grace", Durations::parse).orElseThrow()),
        values.required("address"),
        values.address("control-plane").orElseThrow(),
        values.value("services", URI::create).orElseThrow(),
        Path.of(values.required("mesh")),
        new Holder(values.whole("holder").orElseThrow()),
        folder,
        values.given("own-control-plane"),
        granted(values),
        new User(values.integer("uid").orElseThrow(), values.integer("gid").orElseThrow()),
        words(Path.of(values.required("java")), StandardCharsets.UTF_8),
        List.of("bash", values.required("leave"), folder.toString()),
        values.value("egress", WayOut::of),
        values.integer("parent"),
        values.each("published", Integer::valueOf),
        new Shown(values.given("terminal"), values.given("dim")),
        words(Path.of(values.required("command")), StandardCharsets.ISO_8859_1),
        Variables.of(
            words(Path.of(values.required("environment")), StandardCharsets.ISO_8859_1),
            words(Path.of(values.required("variables")), StandardCharsets.ISO_8859_1)));
  }

  private static Optional<MemberProof> granted(Values values) throws WrongUsage, IOException {
    Optional<Path> roots = values.path("roots");
    Optional<Path> token = values.path("token");
    return roots.isEmpty() || token.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new MemberProof(
                WorkloadToken.read(token.get()).trustDomain(), roots.get(), token.get()));
  }

  private static List<String> words(Path file, Charset charset) {
    try {
      String words = Files.readString(file, charset);
      return words.isEmpty() ? List.of() : List.of(words.split("\0", -1)).subList(0, count(words));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int count(String words) {
    return (int) words.chars().filter(character -> character == 0).count();
  }

  /** The instance's. */
  String name() {
    return care.name();
  }

  /** What the control plane's page said last, for a member that starts while it is away. */
  Path kept() {
    return mesh.resolve("services-" + controlPlane.getAddress().getHostAddress() + ".json");
  }
}
