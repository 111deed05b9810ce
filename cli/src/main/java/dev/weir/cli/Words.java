package dev.weir.cli;

import dev.weir.protos.Nearest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.ParseException;

/** The words of a command line, told apart: options with their values, operands, and the rest. */
final class Words {
  private final Program program;
  private final CommandLine line;
  private final List<String> operands = new ArrayList<>();
  private final List<String> command = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();
  private boolean unknownOption;

  private Words(Program program, CommandLine line) {
    this.program = program;
    this.line = line;
  }

  static Words of(Program program, String[] words) throws WrongUsage {
    List<String> all = Arrays.asList(words);
    int end = all.contains("--") ? all.indexOf("--") : all.size();
    Words told = new Words(program, parse(program, all.subList(0, end)));
    told.line.getArgList().forEach(word -> told.add(word, word.matches("(?s)-.+")));
    List<String> after = all.subList(Math.min(end + 1, all.size()), all.size());
    if (program.command().isPresent()) {
      told.command.addAll(after);
    } else {
      after.forEach(word -> told.add(word, false));
    }
    return told;
  }

  private static CommandLine parse(Program program, List<String> words) throws WrongUsage {
    KnownOptions options = new KnownOptions(program.known());
    try {
      return DefaultParser.builder()
          .setAllowPartialMatching(false)
          .setStripLeadingAndTrailingQuotes(false)
          .get()
          .parse(
              options,
              null,
              DefaultParser.NonOptionAction.SKIP,
              words.stream().map(options::apart).toArray(String[]::new));
    } catch (MissingArgumentException e) {
      throw new WrongUsage("Missing required parameter for option " + called(e.getOption()));
    } catch (ParseException e) {
      throw new WrongUsage(String.valueOf(e.getMessage()));
    }
  }

  private void add(String word, boolean option) {
    boolean more =
        operands.size() < program.operands().size()
            || !program.operands().isEmpty() && program.operands().getLast().repeated();
    if (!option && more) {
      operands.add(word);
    } else {
      unknownOption |= option && unknown.isEmpty();
      unknown.add(word);
    }
  }

  boolean haveOption(String name) {
    return line.hasOption(name);
  }

  /** If all of them are known, and none is missing. */
  Values values() throws WrongUsage {
    if (!unknown.isEmpty()) {
      throw new WrongUsage(unknown());
    }
    List<String> missing =
        program.options().stream()
            .filter(option -> option.isRequired() && !haveOption(option.getLongOpt()))
            .map(option -> "--" + option.getLongOpt() + "=" + option.getArgName())
            .toList();
    if (!missing.isEmpty()) {
      throw new WrongUsage("Missing required option" + list(missing));
    }
    if (operands.size() < program.operands().size()
        && !program.operands().get(operands.size()).optional()) {
      throw new WrongUsage(
          "Missing required parameter: '" + program.operands().get(operands.size()).label() + "'");
    }
    if (program.command().isPresent() && command.isEmpty()) {
      throw new WrongUsage(
          "no command: " + program.name() + " ... -- " + program.command().get().label());
    }
    return new Values(program, line, operands, command);
  }

  private String unknown() {
    if (!unknownOption) {
      return "Unexpected argument"
          + list(unknown)
          + (program.command().isPresent() ? " (the command comes after --)" : "");
    }
    String first = unknown.getFirst();
    String name = first.replaceFirst("(?s)=.*", "");
    List<String> known =
        program.known().stream().map(option -> "--" + option.getLongOpt()).toList();
    return known.contains(name)
        ? "Option '" + name + "' takes no value, but is given one: '" + first + "'"
        : "Unknown option" + list(unknown) + Nearest.hint(name, known);
  }

  private static String list(List<String> words) {
    return words.stream()
        .map(word -> "'" + word + "'")
        .collect(Collectors.joining(", ", words.size() == 1 ? ": " : "s: ", ""));
  }

  static String called(Option option) {
    String name = "'--" + option.getLongOpt() + "'";
    return option.hasArg() ? name + " (" + option.getArgName() + ")" : name;
  }
}
