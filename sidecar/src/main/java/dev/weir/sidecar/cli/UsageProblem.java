package dev.weir.sidecar.cli;

import dev.weir.protos.Nearest;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with a command line, in one line. */
public final class UsageProblem {
  private UsageProblem() {}

  /**
   * A word that nobody knows comes before a word that is missing: it may well be that one,
   * misspelt.
   */
  public static String of(ParameterException exception) {
    CommandLine line = exception.getCommandLine();
    List<String> unknown = line.getUnmatchedArguments();
    if (unknown.isEmpty()) {
      return String.valueOf(exception.getMessage());
    }
    String name = unknown.getFirst().replaceFirst("=.*", "");
    return new UnmatchedArgumentException(line, unknown).getMessage()
        + Nearest.hint(name, line.getCommandSpec().optionsMap().keySet());
  }
}
