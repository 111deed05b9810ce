package dev.weir.control.cli;

import dev.weir.protos.Nearest;
import java.util.List;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * A command line that says what is wrong in one line, and where to read on. Wrong usage is status
 * 2, every other failure 1.
 */
public final class PlainCommandLine {
  private PlainCommandLine() {}

  /**
   * {@code command}, known to people as {@code name}, such as {@code weir check}.
   *
   * @param debug whether a failure shows its stack trace; asked when there is one
   */
  public static CommandLine of(Object command, String name, BooleanSupplier debug) {
    return new CommandLine(command)
        .setCommandName(name)
        .setParameterExceptionHandler((exception, arguments) -> {
          exception
              .getCommandLine()
              .getErr()
              .println(name + ": " + wrong(exception) + "; see " + name + " --help");
          return ExitCode.USAGE;
        })
        .setExecutionExceptionHandler((exception, line, parsed) -> {
          line.getErr().println(name + ": " + told(exception));
          if (debug.getAsBoolean()) {
            exception.printStackTrace(line.getErr());
          }
          return ExitCode.SOFTWARE;
        });
  }

  /** A word that is not known comes first: what is missing may be what it was meant to be. */
  private static String wrong(ParameterException exception) {
    CommandLine line = exception.getCommandLine();
    List<String> unmatched =
        exception instanceof UnmatchedArgumentException unknown
            ? unknown.getUnmatched()
            : line.getUnmatchedArguments();
    if (unmatched.isEmpty()) {
      return String.valueOf(exception.getMessage());
    }
    String word = unmatched.getFirst();
    return word.startsWith("-")
        ? "Unknown option: '%s'%s".formatted(word, nearest(word, line.getCommandSpec()))
        : "Unexpected argument: '%s'".formatted(word);
  }

  private static String nearest(String word, CommandSpec spec) {
    return Nearest.to(word.replaceFirst("=.*", ""), spec.optionsMap().keySet())
        .map(" (did you mean '%s'?)"::formatted)
        .orElse("");
  }

  /** What it says, and what the first of its causes does. */
  private static String told(Throwable exception) {
    Throwable cause = exception;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.equals(exception)
        ? String.valueOf(exception.getMessage())
        : exception.getMessage() + ": " + cause.getMessage();
  }

  /** From the manifest of the jar. */
  public static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = PlainCommandLine.class.getPackage().getImplementationVersion();
      return new String[] {"weir " + (version == null ? "(not packaged)" : version)};
    }
  }
}
