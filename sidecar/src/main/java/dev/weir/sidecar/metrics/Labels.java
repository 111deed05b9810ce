package dev.weir.sidecar.metrics;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The labels of a sample, in the order given; an empty value is as good as none, and left out. They
 * are in order by their text.
 */
public record Labels(List<Label> all, String text) implements Comparable<Labels> {
  static final Labels NONE = new Labels(List.of());

  /** One. */
  public record Label(String name, String value) {}

  public Labels {
    all = List.copyOf(all);
  }

  private Labels(List<Label> all) {
    this(
        all,
        all.stream()
            .map(label -> label.name() + "=\"" + escaped(label.value()) + "\"")
            .collect(Collectors.joining(",")));
  }

  static Labels of(List<Label> all) {
    return new Labels(all.stream().filter(label -> !label.value().isEmpty()).toList());
  }

  static Labels of(String name, String value) {
    return of(List.of(new Label(name, value)));
  }

  Labels with(String name, String value) {
    return value.isEmpty()
        ? this
        : new Labels(Stream.concat(all.stream(), Stream.of(new Label(name, value))).toList());
  }

  static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  @Override
  public int compareTo(Labels other) {
    return text.compareTo(other.text);
  }
}
