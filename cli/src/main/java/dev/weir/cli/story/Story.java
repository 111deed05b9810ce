package dev.weir.cli.story;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The hops of one request, each below the one that led to it. */
final class Story {
  private record Placed(Hop hop, int depth) {}

  private final List<Placed> hops = new ArrayList<>();

  /**
   * @param all in any order
   */
  Story(List<Hop> all) {
    List<Hop> inOrder =
        all.stream()
            .sorted(
                Comparator.comparingDouble(Hop::start)
                    .thenComparing(Comparator.comparingDouble(Hop::end).reversed())
                    .thenComparing(hop -> !hop.outbound()))
            .toList();
    IdentityHashMap<Hop, List<Hop>> children = new IdentityHashMap<>();
    List<Hop> roots = new ArrayList<>();
    Map<String, Hop> bySpan = new HashMap<>();
    inOrder.forEach(hop -> hop.spans().forEach(span -> bySpan.put(span, hop)));
    for (Hop hop : inOrder) {
      Optional.ofNullable(bySpan.get(hop.facts().text("parent_span_id")))
          // A sidecar between the two may have no spans.
          .filter(parent -> parent.leadsTo(hop))
          // Without spans, of several that may have led to it the one that began last.
          .or(() ->
              inOrder.stream().filter(before -> before.leadsTo(hop)).reduce((one, last) -> last))
          .ifPresentOrElse(
              parent -> children.computeIfAbsent(parent, key -> new ArrayList<>()).add(hop),
              () -> roots.add(hop));
    }
    Set<Hop> placed = Collections.newSetFromMap(new IdentityHashMap<>());
    roots.forEach(root -> place(root, 0, children, placed));
    inOrder.forEach(hop -> place(hop, 0, children, placed)); // times that make a circle
  }

  private void place(
      Hop hop, int depth, IdentityHashMap<Hop, List<Hop>> children, Set<Hop> placed) {
    if (placed.add(hop)) {
      hops.add(new Placed(hop, depth));
      children
          .getOrDefault(hop, List.of())
          .forEach(child -> place(child, depth + 1, children, placed));
    }
  }

  /** For people. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    Facts first = hops.getFirst().hop().facts();
    lines.add(
        "%s, %s%s"
            .formatted(
                first.text("time"),
                first.has("request_id") ? "request " + first.text("request_id") : "a request",
                first.has("trace_id") ? ", trace " + first.text("trace_id") : ""));
    String why = why();
    if (!why.isEmpty()) {
      lines.add("why: " + why);
    }
    for (Placed placed : hops) {
      String indent = "  ".repeat(placed.depth());
      lines.add("");
      HopText.lines(placed.hop()).forEach(line -> lines.add(indent + line));
    }
    return lines;
  }

  /**
   * Who failed it, in a sentence: of the hops that say why the one that is furthest from who
   * called, else of those that were answered, else of those whose caller went away; empty: nobody
   * did.
   */
  String why() {
    return furthest(hop -> hop.facts().has("cause"))
        .or(() -> furthest(hop -> hop.failed() && hop.facts().has("status")))
        .or(() -> furthest(Hop::failed))
        .map(Story::why)
        .orElse("");
  }

  private Optional<Hop> furthest(Predicate<Hop> wanted) {
    return hops.stream()
        .filter(placed -> wanted.test(placed.hop()))
        .reduce((one, other) -> other.depth() > one.depth() ? other : one)
        .map(Placed::hop);
  }

  private static String why(Hop hop) {
    Facts facts = hop.facts();
    String where = "the sidecar of " + hop.sidecar();
    if (facts.has("cause")) {
      String refused =
          facts.parts("decisions").stream()
              .filter(decision -> decision.text("outcome").equals("refused"))
              .map(decision ->
                  decision.text("what")
                      + (decision.has("numbers") ? ", " + decision.text("numbers") : ""))
              .reduce((one, other) -> other)
              .map(text -> " (" + text + ")")
              .orElse("");
      String failure = facts.text("failure");
      return where
          + " ended it: "
          + facts.text("cause")
          + refused
          + (failure.isEmpty() ? "" : ": " + failure)
          + "; docs/causes.md says what "
          + facts.text("cause").split(";", 2)[0]
          + " means";
    }
    if (!facts.has("status")) {
      return "who called " + where + " went away before there was a response";
    }
    return (hop.outbound() ? "what " + hop.sidecar() + " called" : "the app of " + hop.service())
        + " answered "
        + hop.result();
  }

  /** For programs. */
  List<Object> value() {
    List<Object> value = new ArrayList<>();
    for (Placed placed : hops) {
      Map<String, Object> hop = new LinkedHashMap<>();
      hop.put("sidecar", placed.hop().sidecar());
      hop.put("service", placed.hop().service());
      hop.put("depth", placed.depth());
      placed.hop().facts().map().forEach((key, fact) -> hop.put(String.valueOf(key), fact));
      value.add(hop);
    }
    return value;
  }
}
