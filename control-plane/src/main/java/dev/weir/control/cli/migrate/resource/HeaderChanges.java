package dev.weir.control.cli.migrate.resource;

import dev.weir.control.model.FramingHeaders;
import java.util.ArrayList;
import java.util.List;

/** Changes of headers; those that Weir refuses are left out, and said. */
public final class HeaderChanges {
  private final Report report;

  public HeaderChanges(Report report) {
    this.report = report;
  }

  private static String whyNot(String name) {
    if (name.startsWith(":") || name.equalsIgnoreCase("host")) {
      return "\"" + name + "\" is changed by a rewrite or not at all";
    }
    return FramingHeaders.has(name)
        ? "\"" + name + "\" frames the message on its connection, and is changed by nobody"
        : "";
  }

  /** Whether {@code name}, of the field called {@code field}, may be changed. */
  public boolean mayChange(String name, Fields of, String field) {
    String why = whyNot(name);
    if (!why.isEmpty()) {
      of.without(field, why);
    }
    return why.isEmpty();
  }

  /** What {@code remove} names and may be removed. */
  public List<String> removed(Fields operations) {
    List<String> removed = new ArrayList<>();
    List<String> names = operations.texts("remove");
    for (int i = 0; i < names.size(); i++) {
      String why = whyNot(names.get(i));
      if (why.isEmpty()) {
        removed.add(names.get(i));
      } else {
        report.without(operations.at(), operations.path().field("remove").index(i), why);
      }
    }
    return removed;
  }
}
