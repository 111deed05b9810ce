package dev.weir.cli.story;

import dev.weir.cli.Operand;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;

/** {@code weir explain}: why one request went as it did; without an id, which have failed. */
public final class Explain {
  public static final String DESCRIPTION =
      "Tells the story of one request over all its hops, as the sidecars that it went through"
          + " kept it: route, each policy's decision and numbers, each attempt. Without ID: the"
          + " requests that failed or were refused a moment ago. Sidecars keep the last few hundred"
          + " that failed, were refused or were slow, and some of the rest; no secret is told.";

  private static final int MOST_TOLD = 25;

  private Explain() {}

  /** What it takes. */
  public static List<Operand> operands() {
    return List.of(new Operand("[ID]", "Of the request, as x-request-id has it, or of its trace."));
  }

  /**
   * Asks and prints.
   *
   * @return the exit status
   * @throws IOException nobody can be asked
   */
  public static int run(
      Sidecars sidecars, Optional<String> id, Output output, PrintStream out, PrintStream err)
      throws IOException {
    Asking asking = new Asking(sidecars);
    List<String> names = sidecars.names();
    return id.isPresent()
        ? one(asking, names, id.get(), output, out, err)
        : failures(asking, names, output, out, err);
  }

  private static int one(
      Asking asking, List<String> names, String id, Output output, PrintStream out, PrintStream err)
      throws IOException {
    Asking.Answers found = find(asking, names, id);
    tellSilent(found.silent(), err);
    if (found.hops().isEmpty()) {
      err.println(
          "weir explain: " + notKept(id) + "; weir explain without an id shows what failed");
      return Program.FAILED;
    }
    Story story = new Story(found.hops());
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("why", story.why());
    value.put("hops", story.value());
    output.print(value, story.lines(), out);
    return Program.OK;
  }

  /** By the id of the request, and by that of its trace. */
  static Asking.Answers find(Asking asking, List<String> names, String id) throws IOException {
    Asking.Answers found = asking.requests(names, byId(id));
    Set<Hop> hops = new LinkedHashSet<>(found.hops());
    Set<String> traces = new LinkedHashSet<>();
    found.hops().stream()
        .map(hop -> hop.facts().text("trace_id"))
        .filter(trace -> !trace.isEmpty() && !trace.equals(id))
        .forEach(traces::add);
    for (String trace : traces) {
      hops.addAll(asking.requests(names, byId(trace)).hops());
    }
    return new Asking.Answers(List.copyOf(hops), found.silent(), found.missed());
  }

  static String notKept(String id) {
    return "no sidecar has kept a request or trace "
        + id
        + "; they keep the last few hundred that failed, were refused or were slow, and some of"
        + " the rest";
  }

  private static String byId(String id) {
    return "/requests?limit=100&id=" + URLEncoder.encode(id, StandardCharsets.UTF_8);
  }

  private static int failures(
      Asking asking, List<String> names, Output output, PrintStream out, PrintStream err)
      throws IOException {
    Asking.Answers failed = failed(asking, names, MOST_TOLD);
    tellSilent(failed.silent(), err);
    List<Hop> newest = failed.hops();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("TIME", "SIDECAR", "WAY", "REQUEST", "RESULT", "CAUSE", "ID"));
    newest.forEach(hop -> rows.add(row(hop)));
    output.print(
        newest.stream().<Object>map(hop -> new Story(List.of(hop)).value().getFirst()).toList(),
        newest.isEmpty()
            ? List.of("no request has failed or was refused of late")
            : Table.lines(rows),
        out);
    return Program.OK;
  }

  /** Those that failed or were refused of late, the newest first. */
  static Asking.Answers failed(Asking asking, List<String> names, int most) throws IOException {
    Asking.Answers failed = asking.requests(names, "/requests?limit=" + most + "&kind=failed");
    Asking.Answers refused = asking.requests(names, "/requests?limit=" + most + "&kind=refused");
    List<Hop> newest =
        Stream.concat(failed.hops().stream(), refused.hops().stream())
            .sorted(Comparator.comparingDouble(Hop::start).reversed())
            .limit(most)
            .toList();
    return new Asking.Answers(newest, refused.silent(), 0);
  }

  private static List<String> row(Hop hop) {
    Facts facts = hop.facts();
    return List.of(
        facts.text("time"),
        hop.sidecar(),
        hop.outbound() ? "out" : "in",
        hop.request(),
        hop.result(),
        facts.text("cause").split(";", 2)[0],
        facts.has("request_id") ? facts.text("request_id") : facts.text("trace_id"));
  }

  static void tellSilent(SortedMap<String, String> silent, PrintStream err) {
    silent.forEach((name, why) -> err.println("weir: " + name + " cannot be asked: " + why));
  }
}
