package dev.weir.cli.story;

import dev.weir.cli.Operand;
import dev.weir.cli.Options;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.WrongUsage;
import dev.weir.protos.yaml.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.commons.cli.Option;

/** {@code weir tap}: requests as they end, a line each. */
public final class Tap {
  public static final String DESCRIPTION =
      "Shows requests as they end, a line each, as sidecars see them, until Ctrl-C: all of a mesh,"
          + " or those of one service or sidecar. No secret is told.";

  private static final int WAIT_MILLIS = 500;

  /** The options that are a page's parameters. */
  private static final Map<String, String> FILTERS =
      Map.of(
          "method", "Of this method alone.",
          "path", "Whose path begins so.",
          "status", "With this status, 503, or one of this class, 5xx.",
          "kind", "Those that failed, were refused, or were slow.",
          "direction", "inbound or outbound.",
          "cause", "With this cause, as rate-limited.");

  /** Of those that take few words, which; a status may be one alone too. */
  private static final Map<String, List<String>> FORMS =
      Map.of(
          "status", List.of("1xx", "2xx", "3xx", "4xx", "5xx"),
          "kind", List.of("failed", "refused", "slow", "recent"),
          "direction", List.of("inbound", "outbound"));

  private Tap() {}

  /**
   * What is to be shown, and how.
   *
   * @param query of the page
   */
  public record Wanted(String query, Output output) {
    /**
     * By the options.
     *
     * @throws WrongUsage one of them is wrong
     */
    public static Wanted of(Values values) throws WrongUsage {
      return new Wanted(Tap.query(values), Output.of(values));
    }
  }

  /** What it takes. */
  public static List<Operand> operands() {
    return List.of(new Operand("[SIDECAR]", "The service, or one instance or pod."));
  }

  /** The options it has beside those that say which mesh. */
  public static List<Option> options() {
    return java.util.stream.Stream.concat(
            FILTERS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(each ->
                    Options.optional(
                        each.getKey(),
                        each.getKey().toUpperCase(java.util.Locale.ROOT),
                        each.getValue())),
            java.util.stream.Stream.of(
                Options.optional("for", "DURATION", "End after so long, as 30s."), Output.option()))
        .toList();
  }

  /**
   * Watches and prints.
   *
   * @param limit how long; zero: until it is ended
   * @return the exit status
   * @throws IOException nobody can be asked
   */
  public static int run(
      Sidecars sidecars, Wanted wanted, Duration limit, PrintStream out, PrintStream err)
      throws IOException {
    List<String> names = sidecars.names();
    Asking asking = new Asking(sidecars);
    long end = System.nanoTime() + limit.toNanos();
    boolean first = true;
    while (limit.isZero() || System.nanoTime() - end < 0) {
      Asking.Answers answers = asking.requests(names, wanted.query());
      if (first && !answers.silent().isEmpty()) {
        Explain.tellSilent(answers.silent(), err);
        if (answers.silent().size() == names.size()) {
          return Program.FAILED;
        }
      }
      first = false;
      answers.hops().stream()
          .sorted(Comparator.comparingDouble(Hop::end))
          .forEach(hop -> out.println(wanted.output() == Output.TABLE ? line(hop) : json(hop)));
      out.flush();
      if (answers.missed() > 0) {
        err.println("weir tap: " + answers.missed() + " more came than could be kept");
      }
    }
    return Program.OK;
  }

  private static String query(Values values) throws WrongUsage {
    Map<String, String> filters = new TreeMap<>();
    for (String filter : FILTERS.keySet()) {
      values
          .value(filter, value -> checked(filter, value))
          .ifPresent(value -> filters.put(filter, value));
    }
    return query(filters);
  }

  /**
   * Of the page, for one who watches from now on.
   *
   * @throws IllegalArgumentException one of the filters is wrong, with what it can be
   */
  static String query(Map<String, String> filters) {
    StringBuilder query =
        new StringBuilder("/tap?name=" + UUID.randomUUID() + "&wait_ms=" + WAIT_MILLIS);
    FILTERS.keySet().stream()
        .sorted()
        .filter(filters::containsKey)
        .forEach(filter ->
            query
                .append('&')
                .append(filter)
                .append('=')
                .append(
                    URLEncoder.encode(
                        checked(filter, filters.getOrDefault(filter, "")),
                        StandardCharsets.UTF_8)));
    return query.toString();
  }

  private static String checked(String filter, String value) {
    List<String> words = FORMS.getOrDefault(filter, List.of());
    if (!words.isEmpty()
        && !words.contains(value)
        && !(filter.equals("status") && value.matches("[1-5][0-9][0-9]"))) {
      throw new IllegalArgumentException("expected one of " + words + " but was '" + value + "'");
    }
    return value;
  }

  /** One object a line. */
  private static String json(Hop hop) {
    return Json.print(new Story(List.of(hop)).value().getFirst())
        .lines()
        .map(String::strip)
        .reduce("", String::concat);
  }

  static String line(Hop hop) {
    Facts facts = hop.facts();
    String cause = facts.text("cause").isEmpty() ? facts.text("failure") : facts.text("cause");
    return "%s %s %-3s %s %s %s%s%s"
        .formatted(
            facts.text("time"),
            hop.sidecar(),
            hop.outbound() ? "out" : "in",
            hop.request(),
            hop.result(),
            Millis.text(facts.number("duration_ms")),
            hop.attempts().isEmpty()
                ? ""
                : " "
                    + hop.attempts().getLast().text("host")
                    + (hop.attempts().size() > 1 ? " at try " + hop.attempts().size() : ""),
            cause.isEmpty() ? "" : " " + cause);
  }
}
