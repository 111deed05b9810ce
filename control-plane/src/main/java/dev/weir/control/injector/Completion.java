package dev.weir.control.injector;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a pod with a sidecar becomes, to which somebody has added since: what it would be if all of
 * it had been there when it got the sidecar. What is complete stays as it is.
 */
final class Completion {
  private static final String CONTAINERS = "containers";
  private static final String INIT_CONTAINERS = "initContainers";

  private Completion() {}

  /**
   * A copy of the pod.
   *
   * @param exclusions those that its annotations ask for now
   * @param secret where it has none of its own yet
   */
  static Map<String, Object> of(
      Map<String, Object> pod, List<String> exclusions, Supplier<String> secret) {
    Map<String, Object> result = Tree.copyOf(pod);
    Map<String, Object> spec = Tree.map(result, "spec");
    named(spec, INIT_CONTAINERS, Injector.SIDECAR)
        .ifPresentOrElse(
            sidecar -> {
              inOrder(spec, INIT_CONTAINERS, List.of(Injector.INIT, Injector.SIDECAR), List.of());
              probes(spec, sidecar, secret);
            },
            () -> {
              inOrder(spec, CONTAINERS, List.of(Injector.SIDECAR), List.of());
              inOrder(spec, INIT_CONTAINERS, List.of(), List.of(Injector.INIT));
              named(spec, CONTAINERS, Injector.SIDECAR)
                  .ifPresent(sidecar -> probes(spec, sidecar, secret));
            });
    named(spec, INIT_CONTAINERS, Injector.INIT)
        .ifPresent(init -> replaceArguments(init, with(arguments(init), exclusions)));
    Map<String, Object> annotations =
        Tree.mapOrEmpty(Tree.mapOrEmpty(result, "metadata"), "annotations");
    String words = Tree.text(annotations, Injector.INTERCEPT);
    if (!words.isEmpty()) {
      annotations.put(
          Injector.INTERCEPT, String.join(" ", with(List.of(words.split(" ")), exclusions)));
    }
    return result;
  }

  private static Optional<Map<String, Object>> named(
      Map<String, Object> spec, String list, String name) {
    return Tree.listOrEmpty(spec, list).stream()
        .filter(container -> Tree.text(container, "name").equals(name))
        .findFirst();
  }

  /** As they are when a pod gets them: what runs in another order calls past them, or nobody. */
  private static void inOrder(
      Map<String, Object> spec, String list, List<String> first, List<String> last) {
    List<Map<String, Object>> containers = Tree.listOrEmpty(spec, list);
    List<Map<String, Object>> ordered = new ArrayList<>();
    first.forEach(name -> named(spec, list, name).ifPresent(ordered::add));
    containers.stream()
        .filter(container -> !first.contains(Tree.text(container, "name")))
        .filter(container -> !last.contains(Tree.text(container, "name")))
        .forEach(ordered::add);
    last.forEach(name -> named(spec, list, name).ifPresent(ordered::add));
    if (!containers.equals(ordered)) {
      spec.put(list, ordered);
    }
  }

  /** All of them anew, in order, from what the app has and what the sidecar was told it had. */
  private static void probes(
      Map<String, Object> spec, Map<String, Object> sidecar, Supplier<String> secret) {
    List<String> arguments = arguments(sidecar);
    List<String> before =
        arguments.stream().filter(word -> word.startsWith(ProbeRewrite.OPTION)).toList();
    RewrittenProbes known = new RewrittenProbes(before);
    ProbeRewrite probes = new ProbeRewrite(known.secret().orElseGet(secret));
    Injector.probed(spec)
        .forEach(container -> ProbeRewrite.probes(container).values().forEach(known::restore));
    Injector.probed(spec).forEach(probes::container);
    if (!probes.probes().equals(before)) {
      List<String> after = new ArrayList<>(arguments);
      after.removeAll(before);
      after.addAll(probes.probes());
      replaceArguments(sidecar, after);
    }
  }

  private static List<String> with(List<String> words, List<String> exclusions) {
    if (words.containsAll(exclusions)) {
      return words;
    }
    List<String> all = new ArrayList<>(words);
    all.removeAll(exclusions);
    all.addAll(exclusions);
    return all;
  }

  private static List<String> arguments(Map<String, Object> container) {
    return container.get("args") instanceof List<?> words
        ? words.stream().map(String::valueOf).toList()
        : List.of();
  }

  private static void replaceArguments(Map<String, Object> container, List<String> words) {
    if (!words.equals(arguments(container))) {
      container.put("args", new ArrayList<>(words));
    }
  }
}
