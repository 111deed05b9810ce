package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import java.util.List;

/** Which namespaces a resource of Istio's is for: here it is for all of them. */
final class ExportTo {
  private ExportTo() {}

  static void check(Fields spec) {
    List<String> namespaces = spec.texts("exportTo");
    if (!namespaces.isEmpty() && !namespaces.contains("*")) {
      spec.note("exportTo", "what it becomes is for callers of all namespaces");
    }
  }
}
