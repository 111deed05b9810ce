package dev.weir.sidecar.format;

import dev.weir.sidecar.config.route.HeaderMutation;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A compiled {@link HeaderMutation}: removals, then additions in order. */
public final class HeaderMutator {
  private record Addition(
      String name,
      String lowerName,
      Template value,
      HeaderMutation.Action action,
      boolean keepEmpty) {
    /** What many read the first line of alone; Envoy has one line of it too. */
    boolean inOneLine() {
      return lowerName.equals("x-forwarded-for");
    }
  }

  private final List<Addition> additions = new ArrayList<>();
  private final List<String> removals;

  /**
   * @throws IllegalArgumentException if a value holds an unknown command operator
   */
  public HeaderMutator(HeaderMutation mutation) {
    for (HeaderMutation.Addition addition : mutation.add()) {
      additions.add(
          new Addition(
              addition.name(),
              addition.name().toLowerCase(Locale.ROOT),
              Template.compile(addition.value()),
              addition.action(),
              addition.keepEmpty()));
    }
    this.removals = mutation.remove().stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  /**
   * Those of the levels that do something, in the order they apply.
   *
   * @param mostSpecificFirst levels from the route to the table
   * @param mostSpecificWins the route has the last word
   */
  public static List<HeaderMutator> compile(
      List<HeaderMutation> mostSpecificFirst, boolean mostSpecificWins) {
    List<HeaderMutator> mutators = new ArrayList<>();
    for (HeaderMutation mutation :
        mostSpecificWins ? mostSpecificFirst.reversed() : mostSpecificFirst) {
      if (!mutation.isEmpty()) {
        mutators.add(new HeaderMutator(mutation));
      }
    }
    return mutators;
  }

  public void apply(Headers headers, StreamInfo info) {
    for (String name : removals) {
      headers.remove(name);
    }
    for (Addition addition : additions) {
      ByteSink sink = new ByteSink(64);
      addition.value().writeValue(info, sink);
      String value = FieldValue.of(sink);
      if (value.isEmpty() && !addition.keepEmpty()) {
        continue;
      }
      boolean exists = headers.value(addition.lowerName()) != null;
      switch (addition.action()) {
        case APPEND_IF_EXISTS_OR_ADD -> append(headers, addition, value);
        case ADD_IF_ABSENT -> {
          if (!exists) {
            headers.add(addition.name(), value);
          }
        }
        case OVERWRITE_IF_EXISTS_OR_ADD -> headers.set(addition.name(), value);
        case OVERWRITE_IF_EXISTS -> {
          if (exists) {
            headers.set(addition.name(), value);
          }
        }
      }
    }
  }

  private static void append(Headers headers, Addition addition, String value) {
    String before = addition.inOneLine() ? headers.value(addition.lowerName()) : null;
    if (before == null) {
      headers.add(addition.name(), value);
    } else {
      headers.set(addition.name(), before + "," + value);
    }
  }
}
