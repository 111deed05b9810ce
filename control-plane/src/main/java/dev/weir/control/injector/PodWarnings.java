package dev.weir.control.injector;

import dev.weir.protos.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a pod says that has no effect, or another one than people may think. */
final class PodWarnings {
  /** The API server cuts longer ones. */
  private static final int MOST = 10;

  private static final String PREFIX = "weir.dev/";

  private static final List<String> LABELS = List.of(Injector.LABEL, Injector.REVISION);

  private static final List<String> ANNOTATIONS =
      Stream.concat(
              Exclusions.annotations().stream(), Stream.of(Injector.INTERCEPT, Injector.INJECTED))
          .toList();

  private static final int USER = 1337;

  /** Where a sidecar listens beside those that are excluded. */
  private static final Set<Integer> PORTS = Set.of(15000, 15001, 15006);

  private PodWarnings() {}

  /** A line for each. */
  static List<String> of(Map<String, Object> pod) {
    Map<String, Object> metadata = Tree.mapOrEmpty(pod, "metadata");
    Map<String, Object> labels = Tree.mapOrEmpty(metadata, "labels");
    List<String> warnings = new ArrayList<>();
    label(Tree.text(labels, Injector.LABEL)).ifPresent(text -> warnings.add("its label " + text));
    unknown("label", labels, LABELS, "annotation", ANNOTATIONS, warnings);
    unknown(
        "annotation",
        Tree.mapOrEmpty(metadata, "annotations"),
        ANNOTATIONS,
        "label",
        LABELS,
        warnings);
    Map<String, Object> spec = Tree.mapOrEmpty(pod, "spec");
    users(spec, warnings);
    apps(spec).forEach(container -> ports(container, warnings));
    return warnings.stream().limit(MOST).toList();
  }

  /** What is wrong with a value of {@value Injector#LABEL}; empty: nothing, or there is none. */
  static Optional<String> label(String value) {
    return value.isEmpty() || Injector.WORDS.contains(value)
        ? Optional.empty()
        : Optional.of(
            "%s says \"%s\", which is nothing to Weir: say %s"
                .formatted(Injector.LABEL, value, String.join(" or ", Injector.WORDS)));
  }

  private static void unknown(
      String what,
      Map<String, Object> written,
      List<String> known,
      String otherwise,
      List<String> others,
      List<String> warnings) {
    for (String name : new TreeSet<>(written.keySet())) {
      if (name.startsWith(PREFIX) && !known.contains(name)) {
        warnings.add(
            others.contains(name)
                ? "%s is %s, and is not read as %s"
                    .formatted(name, withArticle(otherwise), withArticle(what))
                : "%s %s is not known, and is not read%s"
                    .formatted(what, name, Nearest.hint(name, known)));
      }
    }
  }

  private static String withArticle(String what) {
    return what.startsWith("a") ? "an " + what : "a " + what;
  }

  private static List<Map<String, Object>> apps(Map<String, Object> spec) {
    return Stream.of("initContainers", "containers")
        .flatMap(list -> Tree.listOrEmpty(spec, list).stream())
        .filter(container -> !Injector.OURS.contains(Tree.text(container, "name")))
        .toList();
  }

  private static void users(Map<String, Object> spec, List<String> warnings) {
    Object ofAll = Tree.mapOrEmpty(spec, "securityContext").get("runAsUser");
    for (Map<String, Object> container : apps(spec)) {
      @Nullable Object own = Tree.mapOrEmpty(container, "securityContext").get("runAsUser");
      Object user = own == null ? ofAll : own;
      if (user instanceof Number number && number.longValue() == USER) {
        warnings.add(
            "container %s runs as user %d, by which the sidecar's own calls are known: what it calls goes past the mesh; let it run as another"
                .formatted(Tree.text(container, "name"), USER));
      }
    }
  }

  private static void ports(Map<String, Object> container, List<String> warnings) {
    for (Map<String, Object> port : Tree.listOrEmpty(container, "ports")) {
      boolean tcp = Set.of("", "TCP").contains(Tree.text(port, "protocol"));
      if (tcp
          && port.get("containerPort") instanceof Integer number
          && (PORTS.contains(number) || ProbeRewrite.isOwn(number))) {
        warnings.add(
            "port %d of container %s is the sidecar's own: what listens there fails to, or is reached past the mesh; let it listen at another"
                .formatted(number, Tree.text(container, "name")));
      }
    }
  }
}
