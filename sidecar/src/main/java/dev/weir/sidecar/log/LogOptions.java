package dev.weir.sidecar.log;

import dev.weir.cli.Options;
import dev.weir.cli.Values;
import dev.weir.cli.WrongUsage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** What is told how: what the command line says of it. */
public record LogOptions(LogFormat format, Levels levels) {
  private static final String FORMAT = "log-format";
  private static final String LEVEL = "log-level";
  private static final String COMPONENT_LEVEL = "component-log-level";

  /** One line of what JUL has to say, where a library uses that. */
  private static final String JUL_FORMAT = "java.util.logging.SimpleFormatter.format";

  /** Text, from {@link Levels#DEFAULT} on. */
  public static LogOptions standard() {
    return new LogOptions(LogFormat.TEXT, new Levels(Levels.DEFAULT));
  }

  /** What a command line may say of it. */
  public static List<Option> options() {
    return List.of(
        Option.builder("l")
            .longOpt(LEVEL)
            .argName("LEVEL")
            .hasArg()
            .desc(
                "From which level on messages are told: trace, debug, info, warning, error,"
                    + " critical or off. Default: info.")
            .get(),
        Options.optional(
            COMPONENT_LEVEL, "LEVELS", "The same of single components, as dns:debug,config:error."),
        Options.optional(
            FORMAT, "FORMAT", "Of messages: text, or json, an object a line. Default: text."));
  }

  public static LogOptions of(Values values) throws WrongUsage {
    Levels levels = new Levels(values.value(LEVEL, Level::parse).orElse(Levels.DEFAULT));
    Optional<Levels> _ =
        values.value(
            COMPONENT_LEVEL,
            pairs -> {
              levels.set(pairs);
              return levels;
            });
    return new LogOptions(values.oneOf(FORMAT, LogFormat.class).orElse(LogFormat.TEXT), levels);
  }

  /** The words that say the same to another program. */
  public static List<String> words(Values values) throws WrongUsage {
    List<String> words = new ArrayList<>();
    for (String name : List.of(LEVEL, COMPONENT_LEVEL, FORMAT)) {
      values.text(name).ifPresent(text -> words.add("--" + name + "=" + text));
    }
    return words;
  }

  /**
   * Messages to {@code err} from now on. As JSON, what anything in the process writes to {@code
   * System.err}, and what a thread dies of, becomes messages too; the JVM itself does not ask.
   */
  public Logs open(String program, PrintStream out, PrintStream err) {
    boolean own = err == System.err; // of the process, and not a test's
    Logs logs = new Logs(program, this, out, own ? raw() : err);
    if (own && format == LogFormat.JSON) {
      Log main = logs.of(Component.MAIN);
      System.getProperties().putIfAbsent(JUL_FORMAT, "%4$s: %3$s: %5$s%6$s%n");
      System.setErr(logs.lines(Component.MISC, Level.WARNING));
      Thread.setDefaultUncaughtExceptionHandler((thread, mistake) ->
          main.say(
              Level.CRITICAL,
              "the thread " + thread.getName() + " has ended by " + Mistakes.describe(mistake),
              Map.of("thread", thread.getName())));
    }
    return logs;
  }

  /** Unlike the stream that prints, it tells what could not be written. */
  private static OutputStream raw() {
    return new FileOutputStream(FileDescriptor.err);
  }
}
