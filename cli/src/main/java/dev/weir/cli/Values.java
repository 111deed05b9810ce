package dev.weir.cli;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;

/**
 * What was given. Options go by their long names without dashes; one that takes a single value, or
 * none, is refused when it is there twice.
 */
public final class Values {
  private final Program program;
  private final CommandLine line;
  private final List<String> operands;
  private final List<String> command;

  Values(Program program, CommandLine line, List<String> operands, List<String> command) {
    this.program = program;
    this.line = line;
    this.operands = List.copyOf(operands);
    this.command = List.copyOf(command);
  }

  /** Whether an option is there. */
  public boolean given(String name) throws WrongUsage {
    long times = Arrays.stream(line.getOptions()).filter(o -> o.getLongOpt().equals(name)).count();
    if (times > 1) {
      throw new WrongUsage(
          "option " + Words.called(option(name)) + " should be specified only once");
    }
    return times == 1;
  }

  public Optional<String> text(String name) throws WrongUsage {
    return given(name) ? Optional.of(line.getOptionValue(name)) : Optional.empty();
  }

  /** Of an option that is required. */
  public String required(String name) throws WrongUsage {
    return text(name).orElseThrow();
  }

  public Optional<Path> path(String name) throws WrongUsage {
    return value(name, Path::of);
  }

  public Optional<Integer> integer(String name) throws WrongUsage {
    return value(name, text -> number(text, Integer::valueOf, "an int"));
  }

  public Optional<Long> whole(String name) throws WrongUsage {
    return value(name, text -> number(text, Long::valueOf, "a long"));
  }

  /** {@code 127.0.0.1:15010}; port 0 is any that is free. */
  public Optional<InetSocketAddress> address(String name) throws WrongUsage {
    return value(name, Values::socketAddress);
  }

  public InetSocketAddress address(String name, String otherwise) throws WrongUsage {
    Optional<InetSocketAddress> given = address(name);
    return given.isPresent() ? given.get() : socketAddress(otherwise);
  }

  /** By name, in lower case or upper. */
  public <E extends Enum<E>> Optional<E> oneOf(String name, Class<E> type) throws WrongUsage {
    return value(name, text -> constant(text, type));
  }

  /**
   * @param form throws IllegalArgumentException with what is wrong
   */
  public <T> Optional<T> value(String name, Function<String, T> form) throws WrongUsage {
    Optional<String> text = text(name);
    return text.isEmpty() ? Optional.empty() : Optional.of(read(name, text.get(), form));
  }

  /**
   * All values of an option, however often it is there.
   *
   * @param form throws IllegalArgumentException with what is wrong
   */
  public <T> List<T> values(String name, Function<String, T> form) throws WrongUsage {
    List<T> values = new ArrayList<>();
    if (line.hasOption(name)) {
      String separator = String.valueOf(option(name).getValueSeparator());
      for (String given : line.getOptionValues(name)) {
        for (String text : given.split(Pattern.quote(separator))) {
          values.add(read(name, text, form));
        }
      }
    }
    return List.copyOf(values);
  }

  /**
   * The values of an option that may be there more than once, as they are.
   *
   * @param form throws IllegalArgumentException with what is wrong
   */
  public <T> List<T> each(String name, Function<String, T> form) throws WrongUsage {
    List<T> values = new ArrayList<>();
    if (line.hasOption(name)) {
      for (String text : line.getOptionValues(name)) {
        values.add(read(name, text, form));
      }
    }
    return List.copyOf(values);
  }

  /** The word that is no option, by its place. */
  public String operand(int index) {
    return operands.get(index);
  }

  /** All words from that place on, of an operand that may be given several times. */
  public List<String> operandsFrom(int index) {
    return operands.subList(index, operands.size());
  }

  /** The same, of one that may be left out. */
  public Optional<String> operandIfGiven(int index) {
    return index < operands.size() ? Optional.of(operands.get(index)) : Optional.empty();
  }

  /** The words after {@code --}, of a program that runs a command: one or more. */
  public List<String> command() {
    return command;
  }

  private <T> T read(String name, String text, Function<String, T> form) throws WrongUsage {
    try {
      return form.apply(text);
    } catch (IllegalArgumentException e) {
      Option option = option(name);
      String which = option.hasValueSeparator() ? Words.called(option) : "'--" + name + "'";
      throw new WrongUsage("Invalid value for option " + which + ": " + e.getMessage());
    }
  }

  private static <N> N number(String text, Function<String, N> form, String kind) {
    try {
      return form.apply(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not " + kind, e);
    }
  }

  private static InetSocketAddress socketAddress(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not an address and port, as 127.0.0.1:15010");
    }
    InetSocketAddress address =
        new InetSocketAddress(text.substring(0, colon), Integer.parseInt(port));
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("\"" + text.substring(0, colon) + "\" is not known here");
    }
    return address;
  }

  private static <E extends Enum<E>> E constant(String text, Class<E> type) {
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
      names.add(constant.name().toLowerCase(Locale.ROOT));
    }
    throw new IllegalArgumentException("expected one of " + names + " but was '" + text + "'");
  }

  private Option option(String name) {
    return program.options().stream()
        .filter(option -> option.getLongOpt().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
