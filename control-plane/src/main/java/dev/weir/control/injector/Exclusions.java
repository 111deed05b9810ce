package dev.weir.control.injector;

import dev.weir.cli.network.Cidr;
import dev.weir.cli.network.PortRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** What a pod's annotations have go past the sidecar, as {@code weir intercept} is told it. */
final class Exclusions {
  private static final String PORTS = "-ports";

  /** Annotations, and the options that they become. */
  private static final SortedMap<String, String> OPTIONS =
      new TreeMap<>(
          Map.of(
              "weir.dev/exclude-outbound-ports", "--exclude-outbound-port",
              "weir.dev/exclude-outbound-cidrs", "--exclude-outbound-cidr",
              "weir.dev/exclude-inbound-ports", "--exclude-inbound-port",
              "weir.dev/exclude-inbound-cidrs", "--exclude-inbound-cidr"));

  private Exclusions() {}

  /** The annotations' names. */
  static List<String> annotations() {
    return List.copyOf(OPTIONS.keySet());
  }

  /**
   * The options.
   *
   * @throws IllegalArgumentException what {@code weir intercept} would not take, with the
   *     annotation and the word: the init container would fail time and again
   */
  static List<String> options(Map<String, Object> metadata) {
    Map<String, Object> annotations = Tree.mapOrEmpty(metadata, "annotations");
    List<String> options = new ArrayList<>();
    OPTIONS.forEach((annotation, option) -> {
      String value = Tree.text(annotations, annotation).replace(" ", "");
      if (!value.replace(",", "").isEmpty()) {
        List<String> words = List.of(value.split(","));
        check(annotation, words, annotation.endsWith(PORTS) ? PortRange::parse : Cidr::parse);
        options.add(option + "=" + String.join(",", words));
      }
    });
    return options;
  }

  private static void check(String annotation, List<String> words, Function<String, ?> form) {
    for (String word : words) {
      try {
        var _ = form.apply(word);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "annotation " + annotation + ": " + e.getMessage() + "; several are parted by commas",
            e);
      }
    }
  }
}
