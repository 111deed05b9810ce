package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Report;
import java.util.List;

/** Istio asks its routes in their order, Gateway API the most specific first. */
final class RuleOrder {
  private final Report report;

  RuleOrder(Report report) {
    this.report = report;
  }

  /** Names each rule that would take requests which an earlier one takes in Istio. */
  void check(List<VirtualServiceRule> rules) {
    for (int later = 1; later < rules.size(); later++) {
      for (int earlier = 0; earlier < later; earlier++) {
        if (changesPlaces(rules.get(earlier), rules.get(later))) {
          report.without(
              rules.get(later).at(),
              rules.get(later).path(),
              "its place behind %s: Istio asks in this order, Gateway API the more specific match"
                      .formatted(rules.get(earlier).path())
                  + " first, which is this one; tell the two apart by what they match");
          break;
        }
      }
    }
  }

  private static boolean changesPlaces(VirtualServiceRule earlier, VirtualServiceRule later) {
    return later.matches().stream()
        .anyMatch(next ->
            earlier.matches().stream()
                .anyMatch(first -> next.before(first) && next.overlaps(first)));
  }
}
