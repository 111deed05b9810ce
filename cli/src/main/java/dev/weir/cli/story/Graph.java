package dev.weir.cli.story;

import dev.weir.cli.Durations;
import dev.weir.cli.Operand;
import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Table;
import dev.weir.cli.Values;
import dev.weir.cli.WrongUsage;
import dev.weir.protos.yaml.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.cli.Option;

/** {@code weir graph} and {@code weir top}: who calls whom, how often, and what came of it. */
public final class Graph {
  public static final String DESCRIPTION =
      "Shows who calls whom: calls per second, the share that went well, and how long half and"
          + " 99 % of them took at most, of what sidecars count in a few seconds.";
  public static final String TOP_DESCRIPTION =
      "Shows the edges of the mesh that are called, those that fail first, every few seconds until"
          + " Ctrl-C.";

  /** Unless one says how long. */
  public static final Duration DEFAULT_TIME = Duration.ofSeconds(3);

  private Graph() {}

  /** The forms of an answer. */
  public enum Form {
    TEXT,
    JSON,
    DOT
  }

  /** What both take. */
  public static List<Operand> operands() {
    return List.of(new Operand("[SERVICE]", "Calls from it and to it alone."));
  }

  /** Beside those that say which mesh. */
  public static List<Option> options() {
    return List.of(
        Options.optional("for", "DURATION", "How long to count, as 10s (default: 3s)."),
        Option.builder("o")
            .longOpt("output")
            .argName("FORMAT")
            .hasArg()
            .desc("text, json or dot (default: text).")
            .get());
  }

  /** Of {@code top}, beside those that say which mesh. */
  public static List<Option> optionsOfTop() {
    return List.of(
        Options.optional("every", "DURATION", "How often, as 10s (default: 3s)."),
        Options.optional("times", "COUNT", "End after so many."));
  }

  /**
   * What is to be shown, and how.
   *
   * @param service empty: all
   */
  public record Wanted(String service, Duration time, Form form) {
    /**
     * By the words.
     *
     * @throws WrongUsage one of them is wrong
     */
    public static Wanted of(Values values) throws WrongUsage {
      return new Wanted(
          values.operandIfGiven(0).orElse(""),
          values.value("for", Graph::time).orElse(DEFAULT_TIME),
          values.oneOf("output", Form.class).orElse(Form.TEXT));
    }
  }

  /**
   * What is to be shown, and how often.
   *
   * @param service empty: all
   * @param times 0: until it is ended
   */
  public record WantedTop(String service, Duration every, int times) {
    /**
     * By the words.
     *
     * @throws WrongUsage one of them is wrong
     */
    public static WantedTop of(Values values) throws WrongUsage {
      return new WantedTop(
          values.operandIfGiven(0).orElse(""),
          values.value("every", Graph::time).orElse(DEFAULT_TIME),
          values.value("times", Graph::times).orElse(0));
    }
  }

  private static Duration time(String text) {
    Duration time = Durations.parse(text);
    if (time.isZero()) {
      throw new IllegalArgumentException("nothing can be counted in no time");
    }
    return time;
  }

  private static int times(String text) {
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw new IllegalArgumentException("\"" + text + "\" is no number from 1");
    }
    return Integer.parseInt(text);
  }

  /**
   * Looks twice, and prints.
   *
   * @return the exit status
   * @throws IOException nobody can be asked
   */
  public static int run(Sidecars sidecars, Wanted wanted, PrintStream out, PrintStream err)
      throws IOException {
    Looks looks = new Looks(sidecars, err);
    Traffic traffic = looks.next(wanted.time(), wanted.service());
    switch (wanted.form()) {
      case TEXT ->
          lines(traffic, edgesByName(traffic), wanted.time(), "; --for counts longer")
              .forEach(out::println);
      case JSON -> out.print(Json.print(traffic.value()));
      case DOT -> dot(traffic).forEach(out::println);
    }
    return Program.OK;
  }

  /**
   * Looks again and again.
   *
   * @param terminal each look takes the place of the one before
   * @return the exit status
   * @throws IOException nobody can be asked
   */
  public static int top(
      Sidecars sidecars, WantedTop wanted, boolean terminal, PrintStream out, PrintStream err)
      throws IOException {
    Looks looks = new Looks(sidecars, err);
    for (int i = 0; wanted.times() == 0 || i < wanted.times(); i++) {
      Traffic traffic = looks.next(wanted.every(), wanted.service());
      List<String> lines = lines(traffic, worstFirst(traffic), wanted.every(), "");
      out.print(terminal ? "\033[H\033[2J" : "");
      lines.forEach(out::println);
      out.flush();
    }
    return Program.OK;
  }

  private static List<Traffic.Edge> edgesByName(Traffic traffic) {
    return List.copyOf(traffic.edges().keySet());
  }

  private static List<Traffic.Edge> worstFirst(Traffic traffic) {
    Comparator<Map.Entry<Traffic.Edge, EdgeCounts>> worst =
        Comparator.comparingDouble(each -> each.getValue().success());
    return traffic.edges().entrySet().stream()
        .sorted(
            worst.thenComparing(
                Comparator.comparingLong(
                        (Map.Entry<Traffic.Edge, EdgeCounts> each) -> each.getValue().calls())
                    .reversed()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static List<String> lines(
      Traffic traffic, List<Traffic.Edge> edges, Duration time, String hint) {
    if (edges.isEmpty()) {
      return List.of("nobody called anybody in " + time.toMillis() / 1e3 + " s" + hint);
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("FROM", "TO", "PROTOCOL", "CALLS/S", "SUCCESS", "P50", "P99", "CAUSES"));
    for (Traffic.Edge edge : edges) {
      EdgeCounts counts = traffic.edges().get(edge);
      if (counts != null) {
        rows.add(
            List.of(
                edge.from(),
                edge.to(),
                edge.protocol(),
                String.format(Locale.ROOT, "%.1f", traffic.perSecond(counts)),
                percent(counts),
                Millis.text(counts.quantileMillis(0.5)),
                Millis.text(counts.quantileMillis(0.99)),
                counts.causes()));
      }
    }
    return Table.lines(rows);
  }

  private static String percent(EdgeCounts counts) {
    double percent = counts.success() * 100;
    // What is not all of them is not told as if it were.
    return String.format(Locale.ROOT, "%.1f %%", Math.floor(percent * 10) / 10);
  }

  private static List<String> dot(Traffic traffic) {
    List<String> lines = new ArrayList<>();
    lines.add("digraph mesh {");
    lines.add("  rankdir=LR; node [shape=box];");
    traffic
        .edges()
        .forEach((edge, counts) ->
            lines.add(
                "  %s -> %s [label=%s%s];"
                    .formatted(
                        quoted(edge.from()),
                        quoted(service(edge.to())),
                        quoted(
                            String.format(
                                Locale.ROOT,
                                "%s %.1f/s, %s, p99 %s",
                                edge.protocol(),
                                traffic.perSecond(counts),
                                percent(counts),
                                Millis.text(counts.quantileMillis(0.99)))),
                        counts.success() < 1 ? ", color=red" : "")));
    lines.add("}");
    return lines;
  }

  /** Without the port: calls to a service and from it meet. */
  private static String service(String to) {
    int colon = to.lastIndexOf(':');
    return colon < 0 ? to : to.substring(0, colon);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** One look after the other. */
  private static final class Looks {
    private final Asking asking;
    private final List<String> names;
    private final PrintStream err;
    private SortedMap<String, Facts> before;
    private long beforeNanos;

    private Looks(Sidecars sidecars, PrintStream err) throws IOException {
      this.asking = new Asking(sidecars);
      this.names = sidecars.names();
      this.err = err;
      this.before = look(true);
      this.beforeNanos = System.nanoTime();
    }

    private SortedMap<String, Facts> look(boolean tell) throws IOException {
      SortedMap<String, String> silent = new TreeMap<>();
      SortedMap<String, Facts> pages = asking.pages(names, "/edges", silent);
      if (tell) {
        Explain.tellSilent(silent, err);
      }
      if (pages.isEmpty()) {
        throw new IOException("no sidecar can be asked");
      }
      return pages;
    }

    private Traffic next(Duration time, String service) throws IOException {
      try {
        Thread.sleep(time);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      SortedMap<String, Facts> after = look(false);
      long now = System.nanoTime();
      Traffic traffic = new Traffic(before, after, (now - beforeNanos) / 1e9);
      before = after;
      beforeNanos = now;
      traffic.edges().keySet().removeIf(edge -> !concerns(edge, service));
      return traffic;
    }

    private static boolean concerns(Traffic.Edge edge, String service) {
      return service.isEmpty() || is(edge.from(), service) || is(service(edge.to()), service);
    }

    private static boolean is(String name, String service) {
      return name.equals(service) || name.endsWith("/" + service);
    }
  }
}
