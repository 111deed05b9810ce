package dev.weir.cli;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/** The text of {@code --help}, for a terminal of 80 columns. */
final class Help {
  private static final int WIDTH = 80;
  private static final int LONGEST_LABEL = 26;

  private final Program program;
  private final List<Option> options;
  private final StringBuilder text = new StringBuilder();

  Help(Program program) {
    this.program = program;
    this.options =
        program.known().stream()
            .sorted(Comparator.comparing(option -> option.getKey().toLowerCase(Locale.ROOT)))
            .toList();
  }

  String text() {
    String usage = "Usage: " + program.name() + " ";
    fill(usage, usage.length(), synopsis());
    fill("", 0, words(program.description()));
    int column = column();
    for (Operand operand : operands()) {
      entry("      " + operand.label(), operand.description(), column);
    }
    for (Option option : options) {
      entry(label(option), option.getDescription(), column);
    }
    if (!program.statuses().isEmpty()) {
      text.append("\nExit status:\n");
      for (int status = 0; status < program.statuses().size(); status++) {
        fill("  " + status + "   ", 6, words(program.statuses().get(status)));
      }
    }
    return text.toString();
  }

  private List<Operand> operands() {
    return Stream.concat(program.operands().stream(), program.command().stream()).toList();
  }

  private int column() {
    int longest =
        Stream.concat(
                options.stream().map(Help::label),
                operands().stream().map(operand -> "      " + operand.label()))
            .mapToInt(String::length)
            .max()
            .orElse(0);
    return Math.min(longest, LONGEST_LABEL) + 3;
  }

  /** Flags with a short name in one, then flags, then options with values, then operands. */
  private List<String> synopsis() {
    String letters =
        options.stream()
            .filter(option -> !option.hasArg() && option.getOpt() != null)
            .map(Option::getOpt)
            .collect(Collectors.joining());
    return Stream.of(
            Stream.of("[-" + letters + "]"),
            options.stream()
                .filter(option -> !option.hasArg() && option.getOpt() == null)
                .map(option -> "[--" + option.getLongOpt() + "]"),
            options.stream().filter(Option::hasArg).map(Help::shortest),
            program.operands().stream().map(Operand::label),
            program.command().stream().map(command -> "-- " + command.label()))
        .flatMap(part -> part)
        .toList();
  }

  private static String shortest(Option option) {
    String form =
        (option.getOpt() == null ? "--" + option.getLongOpt() : "-" + option.getOpt())
            + "="
            + value(option);
    String needed = option.isRequired() ? form : "[" + form + "]";
    return option.hasValueSeparator() ? needed + "..." : needed;
  }

  private static String label(Option option) {
    return (option.getOpt() == null ? "      " : "  -" + option.getOpt() + ", ")
        + "--"
        + option.getLongOpt()
        + (option.hasArg() ? "=" + value(option) : "");
  }

  private static String value(Option option) {
    String name = option.getArgName();
    return option.hasValueSeparator()
        ? name + "[" + option.getValueSeparator() + name + "...]"
        : name;
  }

  private void entry(String label, String description, int column) {
    boolean fits = label.length() <= column - 2;
    if (!fits) {
      text.append(label).append('\n');
    }
    String start = fits ? label : "";
    fill(start + " ".repeat(column - start.length()), column + 2, words(description));
  }

  private static List<String> words(String sentence) {
    return Arrays.asList(sentence.split(" "));
  }

  /** Words behind {@code start}, on as many lines as they need, the next ones indented. */
  private void fill(String start, int indent, List<String> words) {
    StringBuilder line = new StringBuilder(start);
    boolean empty = true;
    for (String word : words) {
      if (!empty && line.length() + 1 + word.length() >= WIDTH) {
        text.append(line).append('\n');
        line.setLength(0);
        line.repeat(' ', indent);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    text.append(line).append('\n');
  }
}
