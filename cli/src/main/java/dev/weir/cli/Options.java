package dev.weir.cli;

import org.apache.commons.cli.Option;

/** The options that most programs have. */
public final class Options {
  private Options() {}

  public static Option flag(String name, String description) {
    return Option.builder().longOpt(name).desc(description).get();
  }

  /**
   * @param value what it is, in a word of capitals
   */
  public static Option optional(String name, String value, String description) {
    return Option.builder().longOpt(name).argName(value).hasArg().desc(description).get();
  }

  /**
   * @param value what it is, in a word of capitals
   */
  public static Option required(String name, String value, String description) {
    return Option.builder()
        .longOpt(name)
        .argName(value)
        .hasArg()
        .required()
        .desc(description)
        .get();
  }
}
