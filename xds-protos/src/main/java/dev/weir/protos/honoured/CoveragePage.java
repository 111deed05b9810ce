package dev.weir.protos.honoured;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.TypeRegistry;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** {@code docs/xds-coverage.md}, from the list of honoured fields and the protos themselves. */
public final class CoveragePage {
  private CoveragePage() {}

  public static String markdown(HonouredFields fields) {
    StringBuilder page =
        new StringBuilder(
            """
            # What the sidecar honours of Envoy's API
            Made from `honoured-fields.yaml` by `CoveragePage`; a test keeps it current \
            (`mvn -pl xds-protos test -Dgolden.update` rewrites it).

            A field that is set and not honoured is reported by its path: refused, warned of (the \
            default) or ignored, as the operator chose. A message that is not here is not honoured \
            at all. Messages of `google.protobuf` are values.
            """);
    fields
        .byMessage()
        .forEach((name, known) -> {
          Descriptor type =
              TypeRegistry.prototype(TypeRegistry.PREFIX + name)
                  .map(Message::getDescriptorForType)
                  .orElseThrow(() -> new IllegalStateException("no message " + name));
          message(page, type, known);
        });
    return page.toString();
  }

  private static void message(StringBuilder page, Descriptor type, HonouredFields.Fields known) {
    page.append("\n## ").append(type.getFullName()).append('\n');
    if (type.getFields().isEmpty()) {
      page.append("Honoured; it has no fields.\n");
      return;
    }
    line(page, "Honoured", names(type, known.honoured()::contains));
    for (Map.Entry<String, String> accepted : known.accepted().entrySet()) {
      line(page, "Accepted", "`" + accepted.getKey() + "`. " + accepted.getValue());
    }
    line(page, "Not honoured", names(type, name -> !known.covers(name)));
  }

  private static void line(StringBuilder page, String head, String text) {
    if (!text.isEmpty()) {
      page.append("- ").append(head).append(": ").append(text).append('\n');
    }
  }

  private static String names(Descriptor type, Predicate<String> which) {
    List<FieldDescriptor> all = type.getFields();
    return all.stream()
        .map(FieldDescriptor::getName)
        .filter(which)
        .map(name -> "`" + name + "`")
        .collect(Collectors.joining(", "));
  }
}
