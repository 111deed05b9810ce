package dev.weir.protos.yaml;

import dev.weir.protos.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One node of a document, with the place where it begins. Immutable. */
public sealed interface YamlNode {
  Location at();

  /** What it is, for a message: {@code the number 5}, {@code a list}. */
  String describe();

  /**
   * @param text as written, without quotes and escapes
   * @param kind what YAML 1.2's core schema takes it for, or Kubernetes
   */
  record Scalar(Location at, String text, Kind kind) implements YamlNode {
    @Override
    public String describe() {
      return switch (kind) {
        case NULL -> "null";
        case BOOLEAN -> "the boolean " + text;
        case INTEGER, FLOAT -> "the number " + text;
        case STRING -> "\"" + abbreviated() + "\"";
      };
    }

    private String abbreviated() {
      return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
  }

  record Sequence(Location at, List<YamlNode> items) implements YamlNode {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String describe() {
      return "a list";
    }
  }

  /** Keys are unique and in the order written. */
  record Mapping(Location at, List<Entry> entries) implements YamlNode {
    public Mapping {
      entries = List.copyOf(entries);
    }

    public Optional<YamlNode> get(String key) {
      for (Entry entry : entries) {
        if (entry.key().equals(key)) {
          return Optional.of(entry.value());
        }
      }
      return Optional.empty();
    }

    /** The same without {@code key}. */
    public Mapping without(String key) {
      List<Entry> rest = new ArrayList<>(entries);
      rest.removeIf(entry -> entry.key().equals(key));
      return new Mapping(at, rest);
    }

    @Override
    public String describe() {
      return "a map";
    }
  }

  /** {@code at} is where the key stands. */
  record Entry(Location at, String key, YamlNode value) {}

  enum Kind {
    NULL,
    BOOLEAN,
    INTEGER,
    FLOAT,
    STRING
  }
}
