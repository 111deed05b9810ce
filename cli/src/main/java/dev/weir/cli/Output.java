package dev.weir.cli;

import dev.weir.protos.yaml.Json;
import dev.weir.protos.yaml.YamlWriter;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.Option;

/** The forms of an answer: for people, or a value for programs. */
public enum Output {
  TABLE,
  JSON,
  YAML;

  private static final String NAME = "output";

  public static Option option() {
    return Option.builder("o")
        .longOpt(NAME)
        .argName("FORMAT")
        .hasArg()
        .desc("table, json or yaml (default: table).")
        .get();
  }

  /** {@code text} is another word for the table. */
  public static Output of(Values values) throws WrongUsage {
    return values.value(NAME, Output::read).orElse(TABLE);
  }

  private static Output read(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "table", "text" -> TABLE;
      case "json" -> JSON;
      case "yaml" -> YAML;
      default ->
          throw new IllegalArgumentException(
              "expected one of [table, json, yaml] but was '" + word + "'");
    };
  }

  /**
   * Prints.
   *
   * @param value as for {@link Json}
   * @param lines what people are shown
   */
  public void print(Object value, List<String> lines, PrintStream out) {
    switch (this) {
      case TABLE -> lines.forEach(out::println);
      case JSON -> out.print(Json.print(value));
      case YAML -> out.print(YamlWriter.write(Json.node(value)));
    }
  }
}
