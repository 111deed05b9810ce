package dev.weir.control.crd;

import dev.weir.control.model.schema.Shape;
import dev.weir.control.model.schema.Span;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The tables of {@code docs/policies.md}: every field with its default and its range. */
final class ReferencePage {
  private final StringBuilder text = new StringBuilder();

  private ReferencePage() {}

  static String tables() {
    ReferencePage page = new ReferencePage();
    for (PolicyKind kind : PolicyKind.ALL) {
      page.kind(kind);
    }
    return page.text.toString();
  }

  private void kind(PolicyKind kind) {
    text.append("## ").append(kind.kind()).append('\n').append(kind.doc()).append("\n\n");
    Map<String, String> planned = new TreeMap<>();
    text.append("| field of `spec` | value | default | what it does |\n|---|---|---|---|\n");
    Deque<Prefixed> todo = new ArrayDeque<>(List.of(new Prefixed("", kind.spec())));
    while (!todo.isEmpty()) {
      Prefixed next = todo.pop();
      planned(next, planned);
      List<Shape.Member> members = members(next.shape());
      Set<Prefixed> inner = new LinkedHashSet<>();
      for (Shape.Member member : members) {
        row(next, member);
        inner.add(inner(next.prefix() + member.name(), member.shape()));
      }
      List<Prefixed> ordered = List.copyOf(inner).reversed();
      ordered.stream().filter(one -> !leaf(one.shape())).forEach(todo::push);
    }
    if (!planned.isEmpty()) {
      text.append("\nKnown and refused for now: ");
      text.append(
          String.join(", ", planned.keySet().stream().map(field -> "`" + field + "`").toList()));
      text.append(".\n");
    }
    text.append('\n');
  }

  private static void planned(Prefixed next, Map<String, String> planned) {
    Map<String, Shape.Later> words =
        switch (next.shape()) {
          case Shape.Struct struct -> struct.planned();
          case Shape.Union union -> union.planned();
          case Shape.Choice choice -> Map.of();
          default -> Map.of();
        };
    words.forEach((word, later) -> planned.put(next.prefix() + word, later.wayOut()));
    for (Shape.Member member : members(next.shape())) {
      if (member.shape() instanceof Shape.Choice choice) {
        choice
            .planned()
            .forEach((word, later) ->
                planned.put(next.prefix() + member.name() + ": " + word, later.wayOut()));
      }
    }
  }

  private void row(Prefixed parent, Shape.Member member) {
    String value = value(member.shape());
    boolean oneOf = parent.shape() instanceof Shape.Union;
    String otherwise =
        member.defaultsTo() != null
            ? "`" + member.defaultsTo() + "`"
            : oneOf ? "one of these" : member.required() ? "required" : "unset";
    text.append(
        "| `%s%s` | %s | %s | %s |\n"
            .formatted(
                parent.prefix(),
                member.name(),
                value,
                otherwise,
                member.doc().replace("|", "\\|")));
  }

  private static String value(Shape shape) {
    return switch (shape) {
      case Shape.Text text -> "text, up to " + text.maxLength();
      case Shape.Whole whole -> whole.min() + " to " + whole.max();
      case Shape.Flag flag -> "true, false";
      case Shape.Choice choice ->
          String.join(
              ", ", choice.values().keySet().stream().map(word -> "`" + word + "`").toList());
      case Shape.Time time ->
          Span.print(time.min())
              + " to "
              + Span.print(time.max())
              + (time.multiple().isEmpty() ? "" : ", " + time.multiple());
      case Shape.Frequency rate -> "a rate, from " + rate.min();
      case Shape.Share share -> share.min() + " to " + share.max();
      case Shape.PortOrName port -> "a port";
      case Shape.Many many ->
          (many.min() == 0 ? "up to " : many.min() + " to ")
              + many.max()
              + (leaf(many.item()) ? " of: " + value(many.item()) : " items");
      case Shape.Table table -> "a map, up to " + table.max();
      case Shape.Struct struct -> "";
      case Shape.Union union -> "exactly one";
    };
  }

  private static Prefixed inner(String name, Shape shape) {
    return shape instanceof Shape.Many many
        ? new Prefixed(name + "[].", many.item())
        : new Prefixed(name + ".", shape);
  }

  private static boolean leaf(Shape shape) {
    return !(shape instanceof Shape.Struct || shape instanceof Shape.Union);
  }

  private static List<Shape.Member> members(Shape shape) {
    return switch (shape) {
      case Shape.Struct struct -> struct.members();
      case Shape.Union union ->
          union.cases().stream().map(one -> one.members().getFirst()).toList();
      default -> List.of();
    };
  }

  /** A part of the policy and what stands before its fields. */
  private record Prefixed(String prefix, Shape shape) {}
}
