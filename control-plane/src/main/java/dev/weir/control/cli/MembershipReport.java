package dev.weir.control.cli;

import dev.weir.control.cluster.Membership;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Pods without a sidecar, or with an old one, as they are printed: so many, and some by name. */
final class MembershipReport {
  private static final int MOST_NAMED = 5;

  private MembershipReport() {}

  static List<String> lines(Membership members) {
    List<String> lines = new ArrayList<>();
    List<Membership.Bare> missing =
        members.bare().stream().filter(one -> one.reason().isEmpty()).toList();
    if (!missing.isEmpty()) {
      lines.add(
          "without a sidecar, which they are to have: "
              + named(missing, one -> one.pod().toString()));
      lines.add(
          "  they are older than the label, or were made past the webhook; "
              + restart(missing.getFirst().pod()));
    }
    List<Membership.Bare> left =
        members.bare().stream().filter(one -> one.reason().isPresent()).toList();
    if (!left.isEmpty()) {
      lines.add(
          "without a sidecar, as they are written: "
              + named(left, one -> "%s (%s)".formatted(one.pod(), one.reason().orElse(""))));
    }
    if (!members.old().isEmpty()) {
      lines.add(
          "with another sidecar than the one that is injected now: "
              + named(
                  members.old(),
                  one -> "%s (%s, now %s)".formatted(one.pod(), one.image(), one.now())));
      lines.add(
          "  they work on, and get the new one when they are made anew; "
              + restart(members.old().getFirst().pod()));
    }
    lines.addAll(members.unknown());
    return lines;
  }

  private static String restart(ObjectName pod) {
    return "kubectl -n %s rollout restart deployment, or what else makes them"
        .formatted(pod.namespace());
  }

  private static <T> String named(List<T> all, Function<T, String> name) {
    int more = all.size() - MOST_NAMED;
    return all.size()
        + ": "
        + all.stream().limit(MOST_NAMED).map(name).collect(Collectors.joining(", "))
        + (more > 0 ? " and %d more (-o json has all)".formatted(more) : "");
  }

  /** For programs, of which each has all. */
  static void put(Membership members, Map<String, Object> fields) {
    fields.put(
        "withoutSidecar",
        members.bare().stream()
            .map(one -> {
              Map<String, Object> of = new LinkedHashMap<>();
              of.put("pod", one.pod().toString());
              of.put("wanted", one.reason().isEmpty());
              one.reason().ifPresent(reason -> of.put("reason", reason));
              return of;
            })
            .toList());
    fields.put(
        "oldSidecars",
        members.old().stream()
            .map(one -> {
              Map<String, Object> of = new LinkedHashMap<>();
              of.put("pod", one.pod().toString());
              of.put("image", one.image());
              of.put("injectedNow", one.now());
              return of;
            })
            .toList());
    fields.put("notKnown", members.unknown());
  }
}
