package dev.weir.cli;

import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/**
 * A program as its command line shows it. {@code --help} and {@code --version} are added to its
 * options; one that is named {@code --debug} has a failure show its stack trace. An option with a
 * value separator takes several values, and may be there more than once.
 *
 * @param name as people call it: {@code weir sidecar}
 * @param options each of them has a long name
 * @param operands all of them must be there that are not in brackets
 * @param statuses what its exit statuses mean, from 0 on; empty if that is nobody's business
 * @param command the command that it runs: one word or more, after {@code --}
 */
public record Program(
    String name,
    String description,
    Version version,
    List<Option> options,
    List<Operand> operands,
    List<String> statuses,
    Optional<Operand> command) {
  public static final int OK = 0;
  public static final int FAILED = 1;
  public static final int WRONG = 2;

  static final String HELP = "help";
  static final String VERSION = "version";
  static final String DEBUG = "debug";

  /** What a program does once it knows what it is to do. */
  public interface Job {
    /**
     * @return the exit status
     */
    int run(Values values) throws Exception;
  }

  public Program {
    options = List.copyOf(options);
    operands = List.copyOf(operands);
    statuses = List.copyOf(statuses);
  }

  /** One that runs no command. */
  public Program(
      String name,
      String description,
      Version version,
      List<Option> options,
      List<Operand> operands,
      List<String> statuses) {
    this(name, description, version, options, operands, statuses, Optional.empty());
  }

  /** Its options, and those that every program has. */
  List<Option> known() {
    return Stream.concat(
            options.stream(),
            Stream.of(
                Option.builder("h").longOpt(HELP).desc("Show this help message and exit.").get(),
                Option.builder("V")
                    .longOpt(VERSION)
                    .desc("Print version information and exit.")
                    .get()))
        .toList();
  }

  /**
   * Does what the words ask for. What goes wrong is a line to {@code err}.
   *
   * @return the exit status
   */
  public int run(String[] words, PrintStream out, PrintStream err, Job job) {
    Words given = null;
    try {
      given = Words.of(this, words);
      if (given.haveOption(HELP)) {
        out.print(new Help(this).text());
        return OK;
      }
      if (given.haveOption(VERSION)) {
        out.println(version.text());
        return OK;
      }
      return job.run(given.values());
    } catch (WrongUsage e) {
      err.println(name + ": " + e.getMessage() + "; see " + name + " --help");
      return WRONG;
    } catch (Exception e) {
      err.println(name + ": " + told(e));
      if (given != null && given.haveOption(DEBUG)) {
        e.printStackTrace(err);
      }
      return FAILED;
    } finally {
      out.flush();
      err.flush();
    }
  }

  /** What it says, and what the first of its causes does. */
  private static String told(Throwable exception) {
    Throwable cause = exception;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.equals(exception) || tells(exception, cause)
        ? said(exception)
        : said(exception) + ": " + said(cause);
  }

  /** Whether all that a cause has to say is said already. */
  private static boolean tells(Throwable exception, Throwable cause) {
    String said = said(exception);
    String why = cause.getMessage();
    return why != null && !why.isEmpty() && said.contains(why);
  }

  /** The name of the class is left out where the message is one for people. */
  private static String said(Throwable exception) {
    return exception.getMessage() == null
            || exception instanceof RuntimeException
            || exception instanceof FileSystemException
        ? exception.toString()
        : exception.getMessage();
  }
}
