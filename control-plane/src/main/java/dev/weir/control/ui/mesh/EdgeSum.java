package dev.weir.control.ui.mesh;

import dev.weir.control.traffic.Cell;
import dev.weir.control.traffic.Durations;
import dev.weir.control.traffic.Outcome;
import dev.weir.control.traffic.Reporter;
import dev.weir.control.traffic.Totals;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What came of some calls, by both sides. Who calls has seen all of them; of a call that the other
 * side refused it sees an answer as any, and only that side knows why. Not for several threads.
 */
final class EdgeSum {
  private final Totals source = new Totals();
  private final Totals destination = new Totals();

  void add(Reporter reporter, Cell cell) {
    (reporter == Reporter.SOURCE ? source : destination).add(cell);
  }

  private Totals whole() {
    return source.requests() > 0 ? source : destination;
  }

  /** Whose numbers these are. */
  Reporter by() {
    return source.requests() > 0 ? Reporter.SOURCE : Reporter.DESTINATION;
  }

  long requests() {
    return whole().requests();
  }

  long failures() {
    return Math.min(requests(), Math.max(source.failures(), destination.failures()));
  }

  /** 0 to 1; 1 for none. */
  double success() {
    return requests() == 0 ? 1 : 1 - failures() / (double) requests();
  }

  Durations durations() {
    return whole().durations();
  }

  /** The protocol of most of them. */
  String protocol() {
    return whole().outcomes().entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(each -> each.getKey().protocol())
        .orElse("");
  }

  /** Why calls failed, and how many did. What both sides have told is told once. */
  Map<Why, Long> causes() {
    Map<Why, Long> causes = causes(source);
    causes(destination)
        .forEach((why, count) -> {
          // What an app has answered the caller has seen too, and what it did itself it tells.
          if (source.requests() == 0 || !why.cause().isEmpty()) {
            causes.merge(why, count, Math::max);
          }
        });
    return causes;
  }

  private static Map<Why, Long> causes(Totals totals) {
    Map<Why, Long> causes = new HashMap<>();
    totals
        .outcomes()
        .forEach((outcome, count) -> {
          if (outcome.failed()) {
            causes.merge(Why.of(outcome), count, Long::sum);
          }
        });
    return causes;
  }

  /**
   * Why a call failed.
   *
   * @param cause of the mesh; empty: it was answered so
   * @param policy that decided, namespace/name; empty: none
   * @param answer what the app said, where the mesh had no cause
   */
  record Why(String cause, String policy, String answer) {
    static Why of(Outcome outcome) {
      if (!outcome.cause().isEmpty()) {
        return new Why(outcome.cause(), outcome.policy(), "");
      }
      boolean grpc = !outcome.grpcStatus().isEmpty() && !outcome.grpcStatus().equals("none");
      return new Why(
          "",
          "",
          grpc
              ? "gRPC " + outcome.grpcStatus()
              : outcome.responseClass().equals("none") ? "no response" : outcome.responseClass());
    }

    /** Of one that a policy in shadow mode would have refused. */
    static Why shadow(Outcome outcome) {
      return new Why(outcome.shadowCause(), outcome.shadowPolicy(), "");
    }

    /** For JSON; more may be added. */
    Map<String, Object> fields(PolicyNames names) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("cause", cause);
      fields.put("answer", answer);
      fields.put("policy", policy);
      fields.put("resource", names.resource(policy, cause).orElse(""));
      return fields;
    }
  }
}
