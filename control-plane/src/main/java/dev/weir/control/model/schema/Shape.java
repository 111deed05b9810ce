package dev.weir.control.model.schema;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The one description of what may be written: made from a record by {@link Shapes}, followed by the
 * reader, by the CRD schemas and by the reference page.
 */
public sealed interface Shape {
  /** Finer than this no duration is written. */
  Duration FINEST = Duration.ofMillis(1);

  /**
   * A text.
   *
   * @param pattern empty: any
   * @param otherwise what is said of one that does not match it; empty: the pattern
   */
  record Text(int minLength, int maxLength, String pattern, String otherwise) implements Shape {}

  record Whole(long min, long max) implements Shape {}

  record Flag() implements Shape {}

  /** {@code values} by the word that is written, in order. */
  record Choice(Map<String, Enum<?>> values, Map<String, Later> planned) implements Shape {}

  /**
   * A duration.
   *
   * @param step what it is a multiple of
   */
  record Time(Duration min, Duration max, Duration step) implements Shape {
    /** What of it is not said by its bounds; empty: any. */
    public String multiple() {
      return step.equals(FINEST) ? "" : "a multiple of " + Span.print(step);
    }
  }

  /** A {@link Rate}. */
  record Frequency(Rate min) implements Shape {}

  /** A {@link Percentage}. */
  record Share(Percentage min, Percentage max) implements Shape {}

  /** A {@link PortReference}. */
  record PortOrName() implements Shape {}

  /** {@code key} empty: items have no name; else the field that tells them apart. */
  record Many(Shape item, int min, int max, String key, boolean unique) implements Shape {}

  /** Texts by name. */
  record Table(int max) implements Shape {}

  record Struct(
      Class<? extends Record> type,
      List<Member> members,
      Map<String, Later> planned,
      SortedSet<String> ignored,
      List<Rule> rules)
      implements Shape {}

  /** Exactly one of the cases, each a record of one component that names the field. */
  record Union(List<Struct> cases, Map<String, Later> planned) implements Shape {}

  /**
   * What is known and not supported yet.
   *
   * @param form of a field's value
   * @param wayOut what to do instead
   */
  record Later(Form form, String wayOut) {
    /** What is said of it. */
    public String message() {
      return "not supported yet: " + wayOut;
    }
  }

  /** What a value will be written as. */
  enum Form {
    TEXT,
    MAP,
    LIST
  }

  /**
   * A field of a {@link Struct}.
   *
   * @param defaultsTo as it would be written; absent: no default
   */
  record Member(
      String name, String doc, Shape shape, boolean required, @Nullable String defaultsTo) {}
}
