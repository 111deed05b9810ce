package dev.weir.sidecar.run;

import dev.weir.cli.Durations;
import dev.weir.cli.Operand;
import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.protos.yaml.TextFile;
import dev.weir.sidecar.identity.Certificates;
import dev.weir.sidecar.member.RestartPolicy;
import dev.weir.sidecar.token.WorkloadToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/**
 * What {@code weir run} is told.
 *
 * @param config the folder of services and policies
 * @param service NAME or NAMESPACE/NAME
 * @param namespace of the service, if it is not in its name
 * @param controlPlane one that is to be joined, {@code ADDRESS:PORT}
 * @param proof how it proves to that one who it is; empty: in plain text it is who it says
 * @param variables of the app, beside those of who starts it
 * @param published the ports that are reached from outside of the mesh
 * @param isolated whether it reaches nothing but the mesh
 * @param grace how long the app may take to end
 */
record Arguments(
    Path config,
    String service,
    Optional<String> namespace,
    Optional<String> controlPlane,
    Optional<Proof> proof,
    Map<String, String> variables,
    List<PublishedPort> published,
    boolean isolated,
    RestartPolicy restart,
    Duration grace) {
  private static final String GRACE = "10s";

  /** What addresses of the mesh's network begin with. */
  private static final String MESH = "10.88.";

  private static final String CONTROL_PLANE = "control-plane";
  private static final String ROOTS = "control-plane-roots";
  private static final String TOKEN = "control-plane-token";

  /**
   * What another's control plane goes by.
   *
   * @param roots what its certificate must lead to, a file
   * @param token a file
   * @param holder who has the token, as it says
   */
  record Proof(Path roots, Path token, WorkloadToken holder) {}

  static Program program() {
    return new Program(
        "weir run",
        "Runs COMMAND as an instance of a service: in a network of its own, its sidecar beside it,"
            + " the mesh's services under their names (http://NAME:PORT/). The first run on DIR"
            + " starts a control plane for it, later ones join, the last one out stops it. What"
            + " is no service of the mesh is reached as from here, by its sidecar; into the mesh"
            + " --publish alone leads. COMMAND has run's input and output;"
            + " what others say, as the control plane of a policy that is wrong, is on the"
            + " standard error. A terminal is passed through: Ctrl-C goes to COMMAND, as with"
            + " docker run -it. SIGTERM, and Ctrl-C where no terminal is passed through: the"
            + " instance leaves the mesh, what is under way ends, then COMMAND is told; a second"
            + " one ends it at once.",
        new Version("weir run", Main.class),
        List.of(
            one("config", "DIR").required().desc("The folder of services and policies.").get(),
            one("service", "NAME").required().desc("The service, or NAMESPACE/NAME.").get(),
            one("namespace", "NAMESPACE")
                .desc("The service's namespace. Default: the only one that has such a service.")
                .get(),
            one(CONTROL_PLANE, "ADDRESS:PORT")
                .desc(
                    "Join this control plane instead of starting one: by TLS with the two options"
                        + " that follow; without them in plain text, with its admin pages at port"
                        + " 15014 of the same address, in the mesh's network.")
                .get(),
            one(ROOTS, "FILE").desc("What its certificate must lead to: its root-cert.pem.").get(),
            one(TOKEN, "FILE")
                .desc(
                    "A token of the service, of weir token; read again for each certificate: keep"
                        + " it valid.")
                .get(),
            one("env", "KEY=VALUE")
                .option("e")
                .desc("A variable for COMMAND, beside those it has from here. May be repeated.")
                .get(),
            one("env-file", "FILE")
                .desc("A file of them, as compose reads it. May be repeated; --env goes before.")
                .get(),
            one("publish", "[IP:]PORT[:APP_PORT]")
                .option("p")
                .desc(
                    "Listen at PORT of this machine for APP_PORT of COMMAND, PORT if it is not"
                        + " named; on 127.0.0.1 unless IP says otherwise. May be repeated.")
                .get(),
            Options.flag("isolated", "COMMAND reaches the mesh alone, and no other network."),
            one("restart", "POLICY")
                .desc(
                    "Start COMMAND again when it ended: no, on-failure, on-failure:TIMES or"
                        + " always. It is waited for 0.2 s before, then twice as long each time,"
                        + " 30 s at most; after 10 s of running it begins anew. Default: no.")
                .get(),
            one("stop-grace", "DURATION")
                .desc("How long COMMAND may take to end before it is killed. Default: 10s.")
                .get()),
        List.of(),
        List.of(
            "COMMAND's own is run's when it ends by itself, 128 and the signal's number if one"
                + " ended it; 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP, whatever it"
                + " was doing",
            "it could not be started, or its mesh ended",
            "wrong usage"),
        Optional.of(new Operand("COMMAND [ARGUMENT...]", "What is run.")));
  }

  private static Option.Builder one(String name, String value) {
    return Option.builder().longOpt(name).argName(value).hasArg();
  }

  static Arguments of(Values values, Function<String, @Nullable String> around)
      throws WrongUsage, IOException {
    String service = values.value("service", Arguments::service).orElseThrow();
    Optional<String> namespace = values.text("namespace");
    Optional<Proof> proof = proof(values);
    if (proof.isPresent()) {
      check(proof.get().holder(), service, namespace);
    }
    Optional<String> controlPlane = values.value(CONTROL_PLANE, Arguments::controlPlane);
    boolean isolated = values.given("isolated");
    if (isolated && controlPlane.filter(address -> !address.startsWith(MESH)).isPresent()) {
      throw new WrongUsage(
          "--isolated: the control plane is outside of the mesh's network, " + MESH + "0.0/16");
    }
    return new Arguments(
        values.value("config", Arguments::folder).orElseThrow(),
        service,
        namespace,
        controlPlane,
        proof,
        variables(values, around),
        values.each("publish", PublishedPort::parse),
        isolated,
        values.value("restart", RestartPolicy::parse).orElse(RestartPolicy.NO),
        values.value("stop-grace", Durations::parse).orElse(Durations.parse(GRACE)));
  }

  private static Path folder(String text) {
    if (!Files.isDirectory(Path.of(text))) {
      throw new IllegalArgumentException(text + " is not a folder");
    }
    return Path.of(text);
  }

  private static String service(String text) {
    if (!text.matches("([a-z0-9-]+/)?[a-z0-9-]+")) {
      throw new IllegalArgumentException("\"" + text + "\" is not NAME or NAMESPACE/NAME");
    }
    return text;
  }

  /** It is no name: who runs it is in another network by then. */
  private static String controlPlane(String text) {
    if (!text.matches("[0-9.]+:[0-9]{1,5}")) {
      throw new IllegalArgumentException("\"" + text + "\" is not ADDRESS:PORT");
    }
    return text;
  }

  private static Optional<Proof> proof(Values values) throws WrongUsage, IOException {
    Optional<Path> roots = values.value(ROOTS, Arguments::roots);
    Optional<Path> token = values.path(TOKEN);
    if (roots.isEmpty() && token.isEmpty()) {
      return Optional.empty();
    }
    if (roots.isEmpty() || token.isEmpty() || !values.given(CONTROL_PLANE)) {
      throw new WrongUsage(
          "--" + ROOTS + " and --" + TOKEN + " go together, and with --" + CONTROL_PLANE);
    }
    WorkloadToken holder = values.value(TOKEN, Arguments::token).orElseThrow();
    if (holder.ends().isPresent() && holder.ends().get().isBefore(Instant.now())) {
      throw new IOException(
          "the token in "
              + token.get()
              + " ended at "
              + holder.ends().get()
              + "; have another made");
    }
    return Optional.of(
        new Proof(roots.get().toAbsolutePath(), token.get().toAbsolutePath(), holder));
  }

  private static Path roots(String text) {
    Path file = Path.of(text);
    try {
      List<X509Certificate> _ =
          Certificates.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file " + file, e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + " " + e.getMessage(), e);
    }
    return file;
  }

  private static WorkloadToken token(String text) {
    try {
      return WorkloadToken.read(Path.of(text));
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** An identity stands beside its own service alone. */
  private static void check(WorkloadToken holder, String service, Optional<String> namespace)
      throws WrongUsage {
    String asked =
        service.contains("/") ? service : namespace.orElse(holder.namespace()) + "/" + service;
    if (!asked.equals(holder.fullName())) {
      throw new WrongUsage(
          "--service: the token is for " + holder.fullName() + ", and not for " + asked);
    }
  }

  private static Map<String, String> variables(
      Values values, Function<String, @Nullable String> around) throws WrongUsage, IOException {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String file : values.each("env-file", Function.identity())) {
      EnvFile.Read read = EnvFile.read(file, text(file), around);
      if (!read.problems().isEmpty()) {
        throw new WrongUsage(String.join("\n", read.problems()));
      }
      variables.putAll(read.variables());
    }
    values
        .each("env", Arguments::variable)
        .forEach(one -> variables.put(one.getKey(), one.getValue()));
    return variables;
  }

  private static String text(String file) throws WrongUsage, IOException {
    try {
      return TextFile.read(Path.of(file));
    } catch (NoSuchFileException e) {
      throw new WrongUsage("--env-file: there is no file " + file);
    } catch (TextFile.NotUtf8 e) {
      throw new WrongUsage("--env-file: " + file + ":" + e.line() + ": is not UTF-8");
    }
  }

  private static Map.Entry<String, String> variable(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException("\"" + text + "\" is not KEY=VALUE");
    }
    if (!EnvFile.isName(text.substring(0, equals))) {
      throw new IllegalArgumentException(
          "\"" + text.substring(0, equals) + "\" is not a variable's name");
    }
    return Map.entry(text.substring(0, equals), text.substring(equals + 1));
  }
}
