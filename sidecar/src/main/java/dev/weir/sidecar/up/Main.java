package dev.weir.sidecar.up;

import dev.weir.cli.Durations;
import dev.weir.cli.Operand;
import dev.weir.cli.Options;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/**
 * {@code weir up, ps, logs, restart, down, status, config, explain, tap, graph} and {@code top}:
 * the first word says which.
 */
public final class Main {
  private static final Operand DIR =
      new Operand("[DIR]", "The folder of weir.yaml and policies. Default: this one.");

  /** Who is up says each second that it is. */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    String[] rest = Arrays.copyOfRange(words, 1, words.length);
    return switch (words[0]) {
      case "up" ->
          up().run(rest, out, err, values -> Start.run(values, folders(values, 0), out, err));
      case "ps" ->
          program("ps", "Shows the instances of weir up.", List.of(), List.of(DIR))
              .run(rest, out, err, values -> ask(folders(values, 0), "ps", out, err));
      case "down" ->
          program("down", "Ends all of weir up, as Ctrl-C there does.", List.of(), List.of(DIR))
              .run(rest, out, err, values -> down(folders(values, 0), out, err));
      case "restart" ->
          program(
                  "restart",
                  "Ends a service's instances and starts them again, each when the one before is ready.",
                  List.of(config()),
                  List.of(new Operand("SERVICE", "The service.")))
              .run(rest, out, err, values -> restart(folders(values), values.operand(0), out, err));
      case "logs" -> logs().run(rest, out, err, values -> logs(values, out, err));
      case "status" ->
          program(
                  "status",
                  "Shows each sidecar of the mesh on this machine, and whether what is to be in"
                      + " force with it is.",
                  List.of(Output.option()),
                  List.of(DIR))
              .run(
                  rest,
                  out,
                  err,
                  values -> Status.show(folders(values, 0), Output.of(values), out, err));
      case "explain" ->
          MemberSidecars.explain()
              .run(
                  rest,
                  out,
                  err,
                  values -> MemberSidecars.explain(values, folders(values), out, err));
      case "graph" ->
          MemberSidecars.graph()
              .run(
                  rest,
                  out,
                  err,
                  values -> MemberSidecars.graph(values, folders(values), out, err));
      case "top" ->
          MemberSidecars.top()
              .run(rest, out, err, values -> MemberSidecars.top(values, folders(values), out, err));
      case "tap" ->
          MemberSidecars.tap()
              .run(rest, out, err, values -> MemberSidecars.tap(values, folders(values), out, err));
      default ->
          Pages.program()
              .run(rest, out, err, values -> Pages.show(values, folders(values), out, err));
    };
  }

  static Program program(
      String name, String description, List<Option> options, List<Operand> operands) {
    return new Program(
        "weir " + name,
        description,
        new Version("weir " + name, Main.class),
        options,
        operands,
        List.of("done", "it could not be done", "wrong usage"));
  }

  static Option config() {
    return Options.optional(
        "config", "DIR", "The folder of weir.yaml and policies. Default: this one.");
  }

  /** Whether the launcher sees a terminal. */
  static boolean colours() {
    return Boolean.getBoolean("weir.colours");
  }

  private static Program up() {
    return program(
        "up",
        "Runs the services of DIR/weir.yaml as members of the mesh of DIR, each after those that it"
            + " depends on are ready. The file has compose's keys: services: with command,"
            + " working_dir, environment, env_file, ports, depends_on, restart, stop_grace_period"
            + " and deploy.replicas. What they say is shown until Ctrl-C, which ends them, each"
            + " before those that it depends on.",
        List.of(
            Option.builder("d")
                .longOpt("detach")
                .desc("Return when all are ready; weir down ends them.")
                .get(),
            Options.optional(
                "wait-timeout",
                "DURATION",
                "How long -d waits before it says which are not ready (default: 60s).")),
        List.of(DIR));
  }

  private static Program logs() {
    return program(
        "logs",
        "Shows what the instances of weir up have said.",
        List.of(
            config(),
            Option.builder("f").longOpt("follow").desc("And what they say, as it comes.").get(),
            Options.optional("since", "DURATION", "Not what is older, as 10m.")),
        List.of(new Operand("[SERVICE]", "Of this service, or instance, alone.")));
  }

  static Folders folders(Values values, int operand) throws WrongUsage, IOException {
    return folders(values.operandIfGiven(operand).orElse("."));
  }

  private static Folders folders(Values values) throws WrongUsage, IOException {
    return folders(values.text("config").orElse("."));
  }

  private static Folders folders(String folder) throws WrongUsage, IOException {
    if (!Files.isDirectory(Path.of(folder))) {
      throw new WrongUsage(folder + " is not a folder");
    }
    return Folders.of(Path.of(folder), Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR")));
  }

  private static int down(Folders folders, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    try {
      return told(Control.ask(folders.control(), "down", SILENCE), out, err);
    } catch (Control.Silence e) {
      err.println("weir: " + folders.config() + ": " + e.getMessage() + "; all of it is killed");
      new Killing(folders).run();
      return Program.FAILED;
    } catch (IOException e) {
      return isNotUp(folders, err);
    }
  }

  private static int restart(Folders folders, String service, PrintStream out, PrintStream err) {
    int status = ask(folders, "restart " + service, out, err);
    if (status != Program.OK) {
      hintAtFolder("restart", service, err);
    }
    return status;
  }

  /** Other commands take a folder where these have a service. */
  private static void hintAtFolder(String command, String service, PrintStream err) {
    if (Files.exists(Path.of(service, "weir.yaml"))) {
      err.println("weir: " + service + " is a folder; ./weir " + command + " --config " + service);
    }
  }

  private static int ask(Folders folders, String what, PrintStream out, PrintStream err) {
    try {
      return told(Control.ask(folders.control(), what, SILENCE), out, err);
    } catch (Control.Silence e) {
      err.println("weir: " + folders.config() + ": " + e.getMessage() + "; ./weir down ends it");
      return Program.FAILED;
    } catch (IOException e) {
      return isNotUp(folders, err);
    }
  }

  private static int told(Control.Answer answer, PrintStream out, PrintStream err) {
    answer
        .lines()
        .forEach(answer.status() == 0 ? out::println : line -> err.println("weir: " + line));
    return answer.status();
  }

  private static int isNotUp(Folders folders, PrintStream err) {
    err.println("weir: " + folders.config() + " is not up; ./weir up " + folders.config());
    return Program.FAILED;
  }

  private static int logs(Values values, PrintStream out, PrintStream err)
      throws WrongUsage, IOException, InterruptedException {
    Folders folders = folders(values);
    Optional<String> service = values.operandIfGiven(0);
    if (!Files.exists(folders.state().resolve(Journal.FILE))) {
      int status = isNotUp(folders, err);
      service.ifPresent(name -> hintAtFolder("logs", name, err));
      return status;
    }
    long since =
        values
            .value("since", Durations::parse)
            .map(age -> System.currentTimeMillis() - age.toMillis())
            .orElse(0L);
    Logs logs = new Logs(folders.state(), since, service, new Journal.Screen(out, colours(), 0));
    logs.show();
    if (service.isPresent() && !logs.found() && !isKnown(folders, service.get(), err)) {
      hintAtFolder("logs", service.get(), err);
      return Program.FAILED;
    }
    if (values.given("follow")) {
      logs.follow(() -> Files.exists(folders.control()));
    }
    return Program.OK;
  }

  /** Who has said nothing yet may be one that will. */
  private static boolean isKnown(Folders folders, String service, PrintStream err) {
    try {
      Control.Answer answer = Control.ask(folders.control(), "known " + service, SILENCE);
      answer.lines().forEach(line -> err.println("weir: " + line));
      return answer.status() == Program.OK;
    } catch (IOException e) {
      err.println("weir: no line in the log of " + folders.config() + " is of " + service);
      return false;
    }
  }
}
