package dev.weir.cli.story;

import java.util.ArrayList;
import java.util.List;

/** One hop in lines: who decided what about it, and how each attempt went. */
final class HopText {
  private HopText() {}

  /** The first line names it. */
  static List<String> lines(Hop hop) {
    Facts facts = hop.facts();
    List<String> lines = new ArrayList<>();
    lines.add(
        (hop.outbound() ? "out of " : "into ")
            + hop.sidecar()
            + "  "
            + hop.request()
            + (facts.has("authority") ? " (" + facts.text("authority") + ")" : "")
            + "  "
            + hop.result()
            + " after "
            + Millis.text(facts.number("duration_ms")));
    add(lines, "from", from(facts));
    add(lines, "chain", facts.text("chain"));
    route(facts, lines);
    facts.parts("decisions").forEach(decision -> add(lines, "policy", decision(decision)));
    hop.attempts().forEach(attempt -> attempt(attempt, lines));
    add(lines, "cause", facts.text("cause"));
    add(lines, "shadow", facts.text("shadow_cause"));
    add(lines, "failure", facts.text("failure"));
    add(lines, "details", details(facts));
    add(lines, "config", configuration(facts.part("configuration")));
    add(lines, "", facts.part("configuration").text("control_plane_away"));
    return lines;
  }

  private static void add(List<String> lines, String what, String text) {
    if (!text.isEmpty()) {
      lines.add("  %-9s%s".formatted(what, text));
    }
  }

  private static String from(Facts facts) {
    String identity = facts.text("peer_identity");
    return facts.text("peer")
        + (identity.isEmpty() ? "" : ", " + identity)
        + ", "
        + facts.text("protocol");
  }

  private static void route(Facts facts, List<String> lines) {
    String route = facts.text("route");
    String name = facts.text("virtual_host") + (route.isEmpty() ? "" : "/" + route);
    String cluster = facts.text("cluster");
    add(lines, "route", name.isEmpty() ? "" : name + (cluster.isEmpty() ? "" : ", to " + cluster));
    for (Facts passed : facts.parts("routes_before")) {
      lines.add("           not " + passed.text("route") + ": " + passed.text("why"));
    }
  }

  private static String decision(Facts decision) {
    String limit = decision.text("limit");
    String numbers = decision.text("numbers");
    return "%s%s%s: %s%s, at %s"
        .formatted(
            decision.text("what"),
            decision.has("policy") ? " of " + decision.text("policy") : "",
            limit.isEmpty() ? "" : ", " + limit,
            decision.text("outcome"),
            numbers.isEmpty() ? "" : " (" + numbers + ")",
            Millis.text(decision.number("at_ms")));
  }

  private static void attempt(Facts attempt, List<String> lines) {
    double start = attempt.number("start_ms");
    List<String> went = new ArrayList<>();
    if (attempt.has("sent_ms")) {
      int earlier = attempt.whole("earlier_requests");
      went.add(
          "sent after "
              + Millis.text(attempt.number("sent_ms") - start)
              + (earlier == 0
                  ? " on a new connection"
                  : " on a connection that had taken " + earlier)
              + ", "
              + attempt.text("protocol"));
    } else {
      went.add("no connection");
    }
    if (attempt.has("head_ms")) {
      went.add(attempt.text("status") + " after " + Millis.text(attempt.number("head_ms") - start));
    }
    if (attempt.has("failure")) {
      went.add(attempt.text("failure"));
    }
    if (attempt.has("end_ms")) {
      went.add("over after " + Millis.text(attempt.number("end_ms") - start));
    }
    if (attempt.has("time_left_ms")) {
      went.add("it had " + Millis.text(attempt.number("time_left_ms")) + " left");
    }
    add(
        lines,
        (attempt.flag("copy") ? "copy " : "try ") + attempt.text("number"),
        attempt.text("host") + " at " + Millis.text(start) + ": " + String.join("; ", went));
  }

  private static String details(Facts facts) {
    String details = facts.text("details") + facts.text("connection_termination");
    String flags = facts.text("flags");
    return details.equals("via_upstream") && flags.equals("-")
        ? ""
        : details + (flags.equals("-") ? "" : " [" + flags + "]");
  }

  private static String configuration(Facts configuration) {
    if (configuration.map().isEmpty()) {
      return "";
    }
    StringBuilder text =
        new StringBuilder("change ")
            .append(configuration.text("number"))
            .append(" of ")
            .append(configuration.text("at"));
    List<Facts> since = configuration.parts("since");
    if (since.isEmpty()) {
      return text.append(", still in force").toString();
    }
    text.append("; since then ");
    for (int i = 0; i < since.size(); i++) {
      Facts change = since.get(i);
      int more = change.whole("count") - change.texts("resources").size();
      text.append(i == 0 ? "" : "; ")
          .append(change.text("at"))
          .append(": ")
          .append(String.join(", ", change.texts("resources")))
          .append(more > 0 ? " and " + more + " more" : "");
    }
    return text.toString();
  }
}
