package dev.weir.control.source.resource;

import dev.weir.control.model.Precedence;
import dev.weir.control.model.TargetRef;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.List;

/** A policy can only be above what has something below it. */
final class Overrides {
  private Overrides() {}

  static void check(
      Precedence precedence, List<TargetRef> targets, Manifest manifest, Findings findings) {
    for (TargetRef target : targets) {
      if (precedence == Precedence.OVERRIDE && target.kind() == TargetRef.Kind.SERVICE) {
        Place place = manifest.place("spec", "precedence");
        findings.error(
            place.at(), place.path(), "Override is for a Namespace or a MeshConfig, not a Service");
        return;
      }
    }
  }
}
